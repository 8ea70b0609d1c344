-- $1 first half of the advisory lock's key: running jobs whose lock nobody holds.
SELECT j.id
FROM eclusa.jobs j
WHERE NOT j.queued AND j.state IN ('LOADING', 'MERGING', 'CANCELING')
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
      AND l.classid::bigint = $1::bigint AND l.objid::bigint = (j.id & 4294967295))
ORDER BY j.id
