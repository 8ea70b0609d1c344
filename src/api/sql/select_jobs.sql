-- $1 dataset, $2 tenants as a JSON array (null: all), $3 state, $4 the job before which to begin,
-- $5 how many. The newest first.
SELECT j.uid, j.tenant, j.state, j.mode,
       to_char(j.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       to_char(j.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       j.read, j.failed, CASE WHEN j.read IS NOT NULL THEN j.open_failures END
FROM eclusa.jobs j
WHERE j.dataset = $1
  AND ($2::jsonb IS NULL OR $2::jsonb ? j.tenant)
  AND ($3::text IS NULL OR j.state = $3::text)
  AND ($4::uuid IS NULL OR j.id < (SELECT c.id FROM eclusa.jobs c WHERE c.uid = $4::uuid))
ORDER BY j.id DESC
LIMIT $5
