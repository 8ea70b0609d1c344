-- $1 job, $2 part.
WITH gone AS (DELETE FROM eclusa.failure_batches WHERE job_id = $1 AND part = $2::integer)
DELETE FROM eclusa.failures WHERE job_id = $1 AND part = $2::integer
