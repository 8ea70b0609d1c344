-- $1 job, $2 its attempt, $3 [{"part", "file", "place"}].
WITH ready AS MATERIALIZED (
  SELECT j.id, p.part, p.file, p.place
  FROM eclusa.jobs j
  CROSS JOIN jsonb_to_recordset($3::jsonb) p (part integer, file integer, place jsonb)
  WHERE j.id = $1 AND j.attempt = $2::integer AND j.state = 'LOADING'),
outbox AS (
  INSERT INTO eclusa.outbox (job_id, part) SELECT id, part FROM ready
  WHERE EXISTS (SELECT FROM eclusa.publishing WHERE wanted_until > clock_timestamp()))
INSERT INTO eclusa.parts (job_id, part, file, attempt, state, place)
SELECT id, part, file, 0, 'QUEUED', place FROM ready
