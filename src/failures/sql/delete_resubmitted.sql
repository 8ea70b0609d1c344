-- $1 job, $2 file.
DELETE FROM eclusa.resubmitted WHERE job_id = $1 AND file = $2::integer
