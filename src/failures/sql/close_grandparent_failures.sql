-- $1 grandparent, $2 parent, $3 child: what the child closed in the parent, it closes above it too.
UPDATE eclusa.failures g
SET state = 'closed', closed_by = $3, closed_at = clock_timestamp()
FROM eclusa.resubmitted r
JOIN eclusa.failures p
  ON p.job_id = $2 AND p.file = r.file AND p.row = r.row AND p.state = 'closed' AND p.closed_by = $3
WHERE r.job_id = $2 AND g.job_id = $1 AND g.file = r.parent_file AND g.row = r.parent_row
  AND g.state = 'open'
