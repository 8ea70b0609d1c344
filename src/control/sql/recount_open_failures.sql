-- $1 job.
UPDATE eclusa.jobs
SET open_failures = (SELECT count(*) FROM eclusa.failures WHERE job_id = $1 AND state = 'open')
WHERE id = $1
