-- $1 parent, $2 schema, $3 table, $4 dataset, $5 mode, $6 digest, $7 contract, $8 options,
-- $9 dry run, $10 worker, $11 first half of the advisory lock's key. The lock is the session's: it
-- outlives this transaction, and nobody sees the job before it is held.
WITH made AS (
  INSERT INTO eclusa.jobs (parent_id, state, target_schema, target_table, dataset, mode,
                           contract_digest, contract, options, dry_run, worker, started_at,
                           backend_pid)
  VALUES ($1, 'LOADING', $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp(), pg_backend_pid())
  RETURNING id, attempt),
told AS (
  INSERT INTO eclusa.job_events (job_id, event, from_state, to_state, attempt, worker)
  SELECT id, 'start', 'QUEUED', 'LOADING', attempt, $10 FROM made)
SELECT id, attempt, pg_advisory_lock(($11::bigint << 32) | (id & 4294967295)) FROM made
