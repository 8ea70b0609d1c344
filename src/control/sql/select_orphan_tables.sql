-- $1 first half of the lock's key: stage tables of jobs that have ended or are gone and do not live.
SELECT format('%I.%I', n.nspname, c.relname), pg_has_role(c.relowner, 'USAGE')
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
  SELECT substring(c.relname FROM '^[a-z]_([0-9]{1,18})(?:_.*)?$')::bigint AS job_id) o
LEFT JOIN eclusa.jobs j ON j.id = o.job_id
WHERE n.nspname = 'eclusa_stage' AND c.relkind = 'r' AND o.job_id IS NOT NULL
  AND (j.id IS NULL OR j.finished_at IS NOT NULL)
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
      AND l.classid::bigint = $1::bigint AND l.objid::bigint = (o.job_id & 4294967295))
ORDER BY 1
