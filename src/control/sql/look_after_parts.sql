-- $1 job, $2 attempts at most, $3 why a part fails for good. Parts of workers whose lease is over go back
-- to the queue; then how many there are: ready or waiting, being staged, staged, failed; rows read and
-- failed so far; the error of a part that failed.
WITH lost AS (
  UPDATE eclusa.parts p
  SET state = CASE WHEN p.attempt < $2::integer THEN 'QUEUED' ELSE 'FAILED' END,
      error = CASE WHEN p.attempt < $2::integer THEN p.error ELSE $3::jsonb END
  WHERE p.job_id = $1 AND p.state = 'LOADING'
    AND NOT EXISTS (SELECT FROM eclusa.workers w
                    WHERE w.id = p.worker_id AND w.lease_until > clock_timestamp())
  RETURNING p.job_id, p.part, p.state),
outbox AS (
  INSERT INTO eclusa.outbox (job_id, part) SELECT job_id, part FROM lost
  WHERE state = 'QUEUED'
    AND EXISTS (SELECT FROM eclusa.publishing WHERE wanted_until > clock_timestamp()))
SELECT count(*) FILTER (WHERE state = 'QUEUED'), count(*) FILTER (WHERE state = 'LOADING'),
       count(*) FILTER (WHERE state = 'STAGED'), count(*) FILTER (WHERE state = 'FAILED'),
       coalesce(sum(rows_read), 0)::bigint, coalesce(sum(rows_failed), 0)::bigint,
       (SELECT f.error FROM eclusa.parts f WHERE f.job_id = $1 AND f.state = 'FAILED'
        ORDER BY f.part LIMIT 1)
FROM eclusa.parts WHERE job_id = $1
