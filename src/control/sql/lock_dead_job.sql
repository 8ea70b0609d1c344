-- $1 job, $2 first half of the lock's key. No row: it lives, has ended, or another process closes it.
SELECT j.state, j.attempt
FROM eclusa.jobs j
WHERE j.id = $1 AND NOT j.queued AND j.state IN ('LOADING', 'MERGING', 'CANCELING')
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
      AND l.classid::bigint = $2::bigint AND l.objid::bigint = (j.id & 4294967295))
FOR UPDATE SKIP LOCKED
