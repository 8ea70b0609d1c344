-- $1 worker, $2 milliseconds, $3 how far its jobs are: [{"job_id", "progress"}]. First column: whether
-- the lease was still there. Second: jobs that this worker has, or stages
-- parts of, and that somebody asked to stop or that have ended. Waits for
-- nobody: a job that is about to commit holds its row of eclusa.running.
WITH renewed AS (
  UPDATE eclusa.workers SET lease_until = clock_timestamp() + $2::bigint * interval '1 ms'
  WHERE id = $1 AND lease_until > clock_timestamp()
  RETURNING id),
free AS (
  SELECT r.job_id FROM eclusa.running r WHERE r.worker_id = $1 FOR UPDATE SKIP LOCKED),
told AS (
  UPDATE eclusa.running r SET progress = p.progress
  FROM free JOIN jsonb_to_recordset($3::jsonb) p (job_id bigint, progress jsonb) USING (job_id)
  WHERE r.job_id = free.job_id AND r.progress IS DISTINCT FROM p.progress)
SELECT EXISTS (SELECT FROM renewed),
       (SELECT string_agg(s.job_id::text, ',') FROM (
          SELECT r.job_id FROM eclusa.running r
          JOIN eclusa.cancel_requests c USING (job_id) WHERE r.worker_id = $1
          UNION
          SELECT p.job_id FROM eclusa.parts p JOIN eclusa.jobs j ON j.id = p.job_id
          WHERE p.worker_id = $1 AND p.state = 'LOADING'
            AND (j.state NOT IN ('QUEUED', 'LOADING')
                 OR EXISTS (SELECT FROM eclusa.cancel_requests c WHERE c.job_id = p.job_id))) s)
