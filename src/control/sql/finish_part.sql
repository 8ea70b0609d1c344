-- $1 job, $2 part, $3 the claim, $4 rows read, $5 staged, $6 failed, $7 what else was found. No row:
-- another claim owns the part.
UPDATE eclusa.parts
SET state = 'STAGED', rows_read = $4::bigint, rows_staged = $5::bigint, rows_failed = $6::bigint,
    found = $7::jsonb, staged_at = clock_timestamp(), error = NULL
WHERE job_id = $1 AND part = $2::integer AND claim = $3::bigint AND state = 'LOADING'
