-- $1 days that failures are kept after their job's end, $2 jobs at most. What they were counted as
-- stays; open ones count as open no more.
WITH old AS (
  SELECT id FROM eclusa.jobs
  WHERE finished_at < clock_timestamp() - $1::integer * interval '1 day' AND failures_removed_at IS NULL
  ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED),
failures AS (DELETE FROM eclusa.failures f USING old WHERE f.job_id = old.id),
batches AS (DELETE FROM eclusa.failure_batches b USING old WHERE b.job_id = old.id),
resubmitted AS (DELETE FROM eclusa.resubmitted r USING old WHERE r.job_id = old.id),
requests AS (DELETE FROM eclusa.cancel_requests c USING old WHERE c.job_id = old.id)
UPDATE eclusa.jobs j SET failures_removed_at = clock_timestamp(), open_failures = 0
FROM old WHERE j.id = old.id
