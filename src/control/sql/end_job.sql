-- $1 job, which has ended without a merge; $2 error. Rows with a stored failure have failed, all
-- others were skipped.
WITH left_alone AS (
  DELETE FROM eclusa.running WHERE job_id = $1),
left_queue AS (
  DELETE FROM eclusa.queue WHERE job_id = $1),
told AS (
  SELECT (SELECT count(*) FROM eclusa.failures WHERE job_id = $1) AS failed,
         (SELECT count(*) FROM eclusa.failures WHERE job_id = $1 AND state = 'open') AS open,
         (SELECT coalesce(sum(skipped), 0)::bigint FROM eclusa.files WHERE job_id = $1) AS skipped)
UPDATE eclusa.jobs
SET error = $2::jsonb, open_failures = told.open, read = told.failed + told.skipped, inserted = 0,
    updated = 0, unchanged = 0, deleted = 0, superseded = 0, duplicate = 0, waiting = 0,
    failed = told.failed, skipped = told.skipped, removed = 0, cascaded = 0
FROM told
WHERE id = $1
