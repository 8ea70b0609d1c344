-- $1 job, $2 code, $3 file or null: open rows that have the code and another one beside it.
SELECT count(*) FROM eclusa.failures
WHERE job_id = $1 AND state = 'open' AND codes @> ARRAY[$2::text]
  AND ($3::integer IS NULL OR file = $3::integer)
