-- $1 worker, $2 its name. Takes a ready job: of the tenant with the fewest running, then of the one whose
-- turn was longest ago, then the highest priority, then the oldest. No row: none is ready, or the
-- worker's lease is over. A row without an attempt: what was taken had ended meanwhile.
WITH RECURSIVE tenants AS (
  (SELECT tenant FROM eclusa.queue ORDER BY tenant LIMIT 1)
  UNION ALL
  SELECT (SELECT q.tenant FROM eclusa.queue q WHERE q.tenant > t.tenant ORDER BY q.tenant LIMIT 1)
  FROM tenants t WHERE t.tenant IS NOT NULL),
candidates AS MATERIALIZED (
  SELECT h.id, h.priority, o.running, o.turn
  FROM tenants t
  CROSS JOIN LATERAL (
    SELECT (SELECT count(*) FROM eclusa.running r WHERE r.tenant = t.tenant) AS running,
           (SELECT max(j.started_at) FROM eclusa.jobs j WHERE j.tenant = t.tenant AND j.queued) AS turn
    OFFSET 0) o
  CROSS JOIN LATERAL (
    SELECT q.id, q.priority FROM eclusa.queue q
    WHERE q.tenant = t.tenant AND q.ready_at <= clock_timestamp()
    ORDER BY q.priority DESC, q.id
    LIMIT 16) h  -- more than claim at one moment
  WHERE t.tenant IS NOT NULL),
picked AS (
  SELECT q.id
  FROM candidates c JOIN eclusa.queue q USING (id)
  WHERE EXISTS (SELECT FROM eclusa.workers w
                WHERE w.id = $1 AND w.lease_until > clock_timestamp())
  ORDER BY c.running, c.turn NULLS FIRST, c.priority DESC, c.id
  LIMIT 1
  FOR UPDATE OF q SKIP LOCKED),
taken AS (
  DELETE FROM eclusa.queue q USING picked p WHERE q.id = p.id
  RETURNING q.job_id, q.tenant, q.tries),
started AS (
  UPDATE eclusa.jobs j
  SET state = 'LOADING', attempt = j.attempt + 1, worker = $2, backend_pid = pg_backend_pid(),
      started_at = coalesce(j.started_at, clock_timestamp())
  FROM taken t
  WHERE j.id = t.job_id AND j.state = 'QUEUED'
  RETURNING j.id, j.attempt, coalesce(j.options ->> 'database', '') AS database,
            coalesce(j.options ->> 'trace', '') AS trace),
held AS (
  INSERT INTO eclusa.running (job_id, worker_id, attempt, tenant, tries)
  SELECT s.id, $1, s.attempt, t.tenant, t.tries FROM started s JOIN taken t ON t.job_id = s.id),
told AS (
  INSERT INTO eclusa.job_events (job_id, event, from_state, to_state, attempt, worker, duration)
  SELECT s.id, 'start', 'QUEUED', 'LOADING', s.attempt, $2,
         clock_timestamp() - (SELECT max(e.at) FROM eclusa.job_events e
                              WHERE e.job_id = s.id AND e.to_state IS NOT NULL)
  FROM started s)
SELECT t.job_id, s.attempt, t.tries, s.database, s.trace,
       EXISTS (SELECT FROM eclusa.cancel_requests c WHERE c.job_id = t.job_id)
FROM taken t LEFT JOIN started s ON s.id = t.job_id
