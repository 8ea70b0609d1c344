-- $1 job, $2 attempt, $3 event, $4 from, $5 to, $6 worker, $7 detail, $8 the attempt that follows.
WITH moved AS (
  UPDATE eclusa.jobs
  SET state = $5,
      attempt = $8::integer,
      worker = $6,
      finished_at = CASE WHEN $5 IN ('SUCCEEDED', 'SUCCEEDED_WITH_FAILURES', 'REJECTED', 'FAILED',
                                     'CANCELED') THEN clock_timestamp() END
  WHERE id = $1 AND attempt = $2::integer AND state = $4
  RETURNING id, attempt)
INSERT INTO eclusa.job_events (job_id, event, from_state, to_state, attempt, worker, duration, detail)
SELECT id, $3, $4, $5, attempt, $6,
       clock_timestamp() - (SELECT max(at) FROM eclusa.job_events
                            WHERE job_id = $1 AND to_state IS NOT NULL),
       $7::jsonb
FROM moved
