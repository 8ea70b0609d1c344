-- $1 job, $2 counters by column (JSON), $3 the counter of rows that could not be split (null: none).
-- Failed rows by part and counter: a row with several reasons of one counter is counted once.
WITH ends AS (
  SELECT part, file, rows_read, sum(rows_read) OVER (PARTITION BY file ORDER BY part) AS last
  FROM eclusa.parts WHERE job_id = $1
), breaches AS (
  SELECT DISTINCT f.file, f.row, f.part,
         coalesce($2::jsonb ->> c.name, CASE WHEN r.reason ->> 'code' LIKE 'row.%' THEN $3::text END)
           AS counter
  FROM eclusa.failures f
  CROSS JOIN LATERAL jsonb_array_elements(f.reasons) AS r (reason)
  LEFT JOIN LATERAL string_to_table(r.reason ->> 'column', ', ') AS c (name) ON true
  WHERE f.job_id = $1
)
SELECT coalesce(b.part, (SELECT e.part FROM ends e
                         WHERE e.file = b.file AND b.row > e.last - e.rows_read AND b.row <= e.last)),
       b.counter, count(*)
FROM breaches b WHERE b.counter IS NOT NULL GROUP BY 1, 2
