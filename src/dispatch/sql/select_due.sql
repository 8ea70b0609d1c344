-- $1 how many at most.
SELECT id, job_id, part FROM eclusa.outbox WHERE ready_at <= clock_timestamp()
ORDER BY ready_at, id LIMIT $1::integer
