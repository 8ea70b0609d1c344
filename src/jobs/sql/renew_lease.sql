-- $1 worker, $2 milliseconds, $3 how far its jobs are: [{"job_id", "progress"}]. First column: whether
-- the lease was still there. Second: jobs of this worker that somebody asked to stop.
WITH renewed AS (
  UPDATE eclusa.workers SET lease_until = clock_timestamp() + $2::bigint * interval '1 ms'
  WHERE id = $1 AND lease_until > clock_timestamp()
  RETURNING id),
told AS (
  UPDATE eclusa.running r SET progress = p.progress
  FROM jsonb_to_recordset($3::jsonb) p (job_id bigint, progress jsonb)
  WHERE r.job_id = p.job_id AND r.worker_id = $1 AND r.progress IS DISTINCT FROM p.progress)
SELECT EXISTS (SELECT FROM renewed),
       (SELECT string_agg(r.job_id::text, ',') FROM eclusa.running r
        JOIN eclusa.cancel_requests c USING (job_id) WHERE r.worker_id = $1)
