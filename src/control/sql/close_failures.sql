-- $1 job, $2 the one that closes them, $3 files and $4 rows. What was waived stays so.
UPDATE eclusa.failures f
SET state = 'closed', closed_by = $2::bigint, closed_at = clock_timestamp()
FROM unnest($3::integer[], $4::bigint[]) AS c (file, row)
WHERE f.job_id = $1 AND f.file = c.file AND f.row = c.row AND f.state = 'open'
