-- $1 worker: its jobs.
SELECT count(*) FROM eclusa.running WHERE worker_id = $1
