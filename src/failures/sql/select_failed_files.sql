-- $1 job, $2 file or null, $3 closed ones too: what there is to write, per file.
SELECT file, count(*), count(raw), min(batch)
FROM eclusa.failures
WHERE job_id = $1 AND ($2::integer IS NULL OR file = $2::integer)
  AND (state = 'open' OR $3::boolean)
GROUP BY file
ORDER BY file
