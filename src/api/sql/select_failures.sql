-- $1 job, $2 file and $3 row behind which to begin, $4 code, $5 column, $6 part, $7 row (null: any),
-- $8 open ones only, $9 how many, $10 file (null: any).
SELECT f.file, f.row, f.line, f.state, f.reasons, f.part,
       (SELECT i.path FROM eclusa.files i WHERE i.job_id = f.job_id AND i.ordinal = f.file)
FROM eclusa.failures f
WHERE f.job_id = $1 AND (f.file, f.row) > ($2::integer, $3::bigint)
  AND ($4::text IS NULL OR f.codes @> ARRAY[$4::text])
  AND ($5::text IS NULL OR EXISTS (SELECT FROM jsonb_array_elements(f.reasons) r
                                   WHERE r ->> 'column' = $5::text))
  AND ($6::integer IS NULL OR f.part = $6::integer)
  AND ($7::bigint IS NULL OR f.row = $7::bigint)
  AND ($10::integer IS NULL OR f.file = $10::integer)
  AND (NOT $8::boolean OR f.state = 'open')
ORDER BY f.file, f.row
LIMIT $9
