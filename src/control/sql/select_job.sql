-- $1 job, $2 first half of the lock's key.
SELECT j.id, j.parent_id, j.state, j.attempt, j.target_schema, j.target_table, j.dataset, j.mode,
       j.contract_digest, j.dry_run, date_trunc('second', j.created_at)::text,
       date_trunc('second', j.finished_at)::text,
       (extract(epoch FROM coalesce(j.finished_at, clock_timestamp()) - j.started_at) * 1000)::bigint,
       j.open_failures, j.failures_removed_at IS NOT NULL,
       j.read, j.inserted, j.updated, j.unchanged, j.deleted, j.superseded, j.duplicate, j.waiting,
       j.failed, j.skipped, j.removed, j.cascaded,
       -- One of the queue is alive whatever becomes of its worker: another takes it.
       j.queued AND j.finished_at IS NULL OR EXISTS (
         SELECT FROM pg_catalog.pg_locks l
         WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
           AND l.database =
               (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
           AND l.classid::bigint = $2::bigint AND l.objid::bigint = (j.id & 4294967295)),
       j.contract, j.options, j.error, j.report, q.tries, date_trunc('second', q.ready_at)::text,
       (SELECT e.detail ->> 'why' FROM eclusa.job_events e
        WHERE q.id IS NOT NULL AND e.job_id = j.id AND e.detail ? 'why' ORDER BY e.id DESC LIMIT 1)
FROM eclusa.jobs j
LEFT JOIN eclusa.queue q ON q.job_id = j.id AND j.state = 'QUEUED' AND j.attempt > 0
WHERE j.id = $1
