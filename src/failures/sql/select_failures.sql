-- $1 job, $2 files, $3 closed ones too, $4 file and $5 row that the page follows, $6 how many.
SELECT file, row, line, reasons, batch, index_in_batch, raw
FROM eclusa.failures
WHERE job_id = $1 AND file = ANY ($2::integer[]) AND (state = 'open' OR $3::boolean)
  AND (file, row) > ($4::integer, $5::bigint)
ORDER BY file, row
LIMIT $6
