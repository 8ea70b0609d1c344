-- $1 job, $2 tries, $3 milliseconds until it may be claimed. After the job went back to QUEUED.
WITH left_alone AS (
  DELETE FROM eclusa.running WHERE job_id = $1),
waiting AS (
  INSERT INTO eclusa.queue (job_id, tenant, priority, tries, ready_at)
  SELECT id, tenant, priority, $2::smallint, clock_timestamp() + $3::bigint * interval '1 ms'
  FROM eclusa.jobs WHERE id = $1
  RETURNING job_id, ready_at)
INSERT INTO eclusa.outbox (job_id, ready_at) SELECT job_id, ready_at FROM waiting
WHERE EXISTS (SELECT FROM eclusa.publishing WHERE wanted_until > clock_timestamp())
