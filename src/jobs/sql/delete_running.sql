-- $1 job.
DELETE FROM eclusa.running WHERE job_id = $1
