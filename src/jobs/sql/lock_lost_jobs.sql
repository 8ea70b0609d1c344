-- $1 worker, whose lease is over: its jobs, as far as nobody holds their rows.
SELECT j.id, j.attempt, j.state, r.tries,
       EXISTS (SELECT FROM eclusa.cancel_requests c WHERE c.job_id = j.id),
       coalesce(j.options ->> 'database', '') <> ''
FROM eclusa.running r JOIN eclusa.jobs j ON j.id = r.job_id
WHERE r.worker_id = $1
ORDER BY j.id
FOR UPDATE OF j SKIP LOCKED
