-- $1 schema, $2 table, $3 digests (text[]).
SELECT l.job_id, d.sha256, date_trunc('second', l.committed_at)::text
FROM eclusa.ledger l
CROSS JOIN LATERAL unnest(l.file_sha256s) AS d (sha256)
WHERE l.target_schema = $1 AND l.target_table = $2 AND l.mode = 'append'
  AND d.sha256 = ANY ($3::text[])
ORDER BY l.entry
LIMIT 1
