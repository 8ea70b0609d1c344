-- $1 tenant: its jobs in the queue.
SELECT count(*) FROM eclusa.queue WHERE tenant = $1
