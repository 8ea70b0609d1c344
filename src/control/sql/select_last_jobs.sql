-- $1 how many, $2 first half of the lock's key.
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
           AND l.classid::bigint = $2::bigint AND l.objid::bigint = (j.id & 4294967295))
FROM eclusa.jobs j ORDER BY j.id DESC LIMIT $1
