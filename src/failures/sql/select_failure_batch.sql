-- $1 job, $2 batch.
SELECT rows FROM eclusa.failure_batches WHERE job_id = $1 AND batch = $2::bigint
