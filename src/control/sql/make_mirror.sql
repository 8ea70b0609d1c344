-- $1 the job's row, as JSON, $2 its parent here, $3 attempt, $4 worker. No row: it has ended here, or a
-- later attempt has it.
WITH made AS (
  INSERT INTO eclusa.jobs AS m (uid, parent_id, state, attempt, target_schema, target_table, dataset,
                                mode, contract_digest, contract, options, dry_run, created_at,
                                started_at, worker, backend_pid, tenant, priority, queued)
  SELECT r.uid, $2::bigint, 'LOADING', $3::integer, r.target_schema, r.target_table, r.dataset, r.mode,
         r.contract_digest, r.contract, r.options, r.dry_run, r.created_at, clock_timestamp(), $4,
         pg_backend_pid(), r.tenant, r.priority, true
  FROM jsonb_populate_record(NULL::eclusa.jobs, $1::jsonb) r
  ON CONFLICT (uid) DO UPDATE
  SET state = 'LOADING', attempt = excluded.attempt, worker = excluded.worker,
      backend_pid = excluded.backend_pid
  WHERE m.finished_at IS NULL AND m.attempt < excluded.attempt
  RETURNING id, attempt),
told AS (
  INSERT INTO eclusa.job_events (job_id, event, from_state, to_state, attempt, worker)
  SELECT id, 'start', 'QUEUED', 'LOADING', attempt, $4 FROM made)
SELECT id FROM made
