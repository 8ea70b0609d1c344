-- $1 days that jobs are kept after their end, $2 at most. Events, files, parts and warnings go along;
-- the ledger stays.
DELETE FROM eclusa.jobs j USING (
  SELECT id FROM eclusa.jobs
  WHERE finished_at < clock_timestamp() - $1::integer * interval '1 day'
    AND failures_removed_at IS NOT NULL
  ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED) old
WHERE j.id = old.id
