-- $1 token: the jobs in the queue that it registered.
SELECT count(*) FROM eclusa.queue q JOIN eclusa.jobs j ON j.id = q.job_id
WHERE j.options ->> 'token' = $1
