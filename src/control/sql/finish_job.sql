-- $1 job, $2 report, $3 open failures, $4 read and then each outcome, removed, cascaded.
WITH left_alone AS (
  DELETE FROM eclusa.running WHERE job_id = $1)
UPDATE eclusa.jobs
SET report = $2::jsonb, open_failures = $3::bigint, error = NULL,
    read = $4::bigint, inserted = $5::bigint, updated = $6::bigint, unchanged = $7::bigint,
    deleted = $8::bigint, superseded = $9::bigint, duplicate = $10::bigint, waiting = $11::bigint,
    failed = $12::bigint, skipped = $13::bigint, removed = $14::bigint, cascaded = $15::bigint
WHERE id = $1
