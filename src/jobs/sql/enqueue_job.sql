-- $1 parent, $2 schema, $3 table, $4 dataset, $5 mode, $6 digest, $7 contract, $8 options,
-- $9 dry run, $10 tenant, $11 priority, $12 who enqueues.
WITH made AS (
  INSERT INTO eclusa.jobs (parent_id, state, attempt, target_schema, target_table, dataset, mode,
                           contract_digest, contract, options, dry_run, tenant, priority, queued)
  VALUES ($1, 'QUEUED', 0, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, true)
  RETURNING id, uid, tenant, priority),
ready AS (
  INSERT INTO eclusa.queue (job_id, tenant, priority) SELECT id, tenant, priority FROM made),
outbox AS (
  INSERT INTO eclusa.outbox (job_id) SELECT id FROM made
  WHERE EXISTS (SELECT FROM eclusa.publishing WHERE wanted_until > clock_timestamp())),
told AS (
  INSERT INTO eclusa.job_events (job_id, event, to_state, attempt, worker)
  SELECT id, 'enqueue', 'QUEUED', 0, $12 FROM made)
SELECT id, uid FROM made
