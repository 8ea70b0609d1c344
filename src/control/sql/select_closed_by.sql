-- $1 job, $2 the one that closed failures of it, $3 file and $4 row behind which to begin. A page of
-- them, as two arrays, and the last one's file and row. Nulls: there are no more.
WITH page AS (
  SELECT file, row FROM eclusa.failures
  WHERE job_id = $1 AND closed_by = $2::bigint AND (file, row) > ($3::integer, $4::bigint)
  ORDER BY file, row LIMIT 10000)
SELECT array_agg(file ORDER BY file, row), array_agg(row ORDER BY file, row), max(file),
       max(row) FILTER (WHERE file = (SELECT max(file) FROM page))
FROM page
