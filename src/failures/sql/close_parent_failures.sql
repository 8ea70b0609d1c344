-- $1 parent, $2 child, $3 files and $4 rows of the child that were neither loaded nor failed.
UPDATE eclusa.failures p
SET state = 'closed', closed_by = $2, closed_at = clock_timestamp()
FROM eclusa.resubmitted r
WHERE p.job_id = $1 AND p.state = 'open'
  AND r.job_id = $2 AND r.parent_file = p.file AND r.parent_row = p.row
  AND NOT EXISTS (SELECT FROM eclusa.failures f
                  WHERE f.job_id = $2 AND f.file = r.file AND f.row = r.row)
  AND NOT EXISTS (SELECT FROM unnest($3::integer[], $4::bigint[]) AS u (file, row)
                  WHERE u.file = r.file AND u.row = r.row)
