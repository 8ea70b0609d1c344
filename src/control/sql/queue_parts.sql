-- $1 job, $2 its attempt, $3 [{"part", "file", "place"}].
INSERT INTO eclusa.parts (job_id, part, file, attempt, state, place)
SELECT j.id, p.part, p.file, 0, 'QUEUED', p.place
FROM eclusa.jobs j CROSS JOIN jsonb_to_recordset($3::jsonb) p (part integer, file integer, place jsonb)
WHERE j.id = $1 AND j.attempt = $2::integer AND j.state = 'LOADING'
