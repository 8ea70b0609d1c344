-- $1 job.
SELECT count(*), count(*) FILTER (WHERE state = 'open') FROM eclusa.failures WHERE job_id = $1
