-- $1 job, which has ended without a merge: what its files' rows came to.
WITH told AS (
  SELECT f.ordinal,
         coalesce(f.read, (SELECT sum(p.rows_read) FROM eclusa.parts p
                           WHERE p.job_id = $1 AND p.file = f.ordinal AND p.state = 'STAGED'),
                  0)::bigint AS read,
         (SELECT count(*) FROM eclusa.failures x WHERE x.job_id = $1 AND x.file = f.ordinal) AS failed
  FROM eclusa.files f WHERE f.job_id = $1)
UPDATE eclusa.files f
SET read = greatest(told.read, told.failed), applied = 0, failed = told.failed, duplicate = 0,
    superseded = 0, waiting = 0, skipped = greatest(told.read - told.failed, 0)
FROM told
WHERE f.job_id = $1 AND f.ordinal = told.ordinal
