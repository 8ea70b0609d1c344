-- $1 job, $2 part, $3 the claim, $4 state, $5 milliseconds until it may be claimed again, $6 why; null:
-- for no fault of the part, $7 tries that count for nothing. Nothing where another claim owns the part.
WITH waiting AS (
  UPDATE eclusa.parts
  SET state = $4, ready_at = clock_timestamp() + $5::bigint * interval '1 ms',
      error = coalesce($6::jsonb, error), attempt = attempt - $7::integer
  WHERE job_id = $1 AND part = $2::integer AND claim = $3::bigint AND state = 'LOADING'
  RETURNING job_id, part, state, ready_at)
INSERT INTO eclusa.outbox (job_id, part, ready_at) SELECT job_id, part, ready_at FROM waiting
WHERE state = 'QUEUED'
  AND EXISTS (SELECT FROM eclusa.publishing WHERE wanted_until > clock_timestamp())
