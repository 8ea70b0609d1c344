-- $1 job, $2 open ones only: reasons grouped by code and column, the most frequent first, each with
-- the first row that has it.
WITH grouped AS (
  SELECT r.reason ->> 'code' AS code, coalesce(r.reason ->> 'column', '') AS col,
         count(*) AS reasons, min(ARRAY[f.file, f.row]) AS place
  FROM eclusa.failures f
  CROSS JOIN LATERAL jsonb_array_elements(f.reasons) AS r (reason)
  WHERE f.job_id = $1 AND (f.state = 'open' OR NOT $2::boolean)
  GROUP BY 1, 2)
SELECT g.code, g.col, g.reasons,
       (SELECT r.reason FROM jsonb_array_elements(f.reasons) AS r (reason)
        WHERE r.reason ->> 'code' = g.code AND coalesce(r.reason ->> 'column', '') = g.col LIMIT 1),
       f.file, f.row, coalesce(f.line, 0), f.byte_offset
FROM grouped g
JOIN eclusa.failures f ON f.job_id = $1 AND f.file = g.place[1] AND f.row = g.place[2]
ORDER BY g.reasons DESC, g.code, g.col
