-- $1 worker, $2 job; null: of any but $3. Takes a part that is ready, of the job with the fewest being staged.
-- No row: none is ready, or the worker's lease is over.
WITH candidates AS MATERIALIZED (
  SELECT r.job_id, p.part,
         (SELECT count(*) FROM eclusa.parts l WHERE l.job_id = r.job_id AND l.state = 'LOADING')
           AS loading
  FROM eclusa.running r
  CROSS JOIN LATERAL (
    SELECT q.part FROM eclusa.parts q
    WHERE q.job_id = r.job_id AND q.state = 'QUEUED' AND q.ready_at <= clock_timestamp()
    ORDER BY q.part
    LIMIT 16) p  -- more than claim at one moment
  WHERE (r.job_id = $2 OR $2::bigint IS NULL) AND r.job_id <> ALL ($3::bigint[])
    AND NOT EXISTS (SELECT FROM eclusa.cancel_requests c WHERE c.job_id = r.job_id)),
picked AS (
  SELECT q.job_id, q.part
  FROM candidates c JOIN eclusa.parts q USING (job_id, part)
  WHERE q.state = 'QUEUED'
    AND EXISTS (SELECT FROM eclusa.workers w
                WHERE w.id = $1 AND w.lease_until > clock_timestamp())
  ORDER BY c.loading, c.job_id, c.part
  LIMIT 1
  FOR UPDATE OF q SKIP LOCKED)
UPDATE eclusa.parts p
SET state = 'LOADING', attempt = p.attempt + 1, worker_id = $1, claim = nextval('eclusa.part_claims')
FROM picked WHERE p.job_id = picked.job_id AND p.part = picked.part
RETURNING p.job_id, p.part, p.file, p.attempt, p.claim, p.place
