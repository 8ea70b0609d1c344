-- $1 job, $2 part, $3 the part's attempt, $4 its worker, $5 rows read, $6 staged, $7 failed, $8 what else was
-- found. No row: another attempt owns the part.
UPDATE eclusa.parts
SET state = 'STAGED', rows_read = $5::bigint, rows_staged = $6::bigint, rows_failed = $7::bigint,
    found = $8::jsonb, staged_at = clock_timestamp(), error = NULL
WHERE job_id = $1 AND part = $2::integer AND attempt = $3::integer
  AND coalesce(worker_id, 0) = $4::bigint AND state = 'LOADING'
