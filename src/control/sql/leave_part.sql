-- $1 job, $2 part, $3 the part's attempt, $4 its worker, $5 state, $6 milliseconds until it may be claimed
-- again, $7 why; null: for no fault of the part. No row: another attempt owns the part.
UPDATE eclusa.parts
SET state = $5, ready_at = clock_timestamp() + $6::bigint * interval '1 ms',
    error = coalesce($7::jsonb, error)
WHERE job_id = $1 AND part = $2::integer AND attempt = $3::integer
  AND coalesce(worker_id, 0) = $4::bigint AND state = 'LOADING'
