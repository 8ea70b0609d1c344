-- Prometheus samples: name, help, type, labels, value. Samples of one name stand together.
SELECT 'eclusa_jobs_running', 'Jobs that a worker has.', 'gauge', '', count(*)::text FROM eclusa.running
UNION ALL
SELECT 'eclusa_jobs_waiting', 'Jobs in the queue.', 'gauge', '', count(*)::text FROM eclusa.queue
UNION ALL
SELECT 'eclusa_oldest_snapshot_transactions',
       'Transactions since the oldest snapshot that holds back vacuum.', 'gauge', '',
       coalesce(max(greatest(age(backend_xmin), age(backend_xid))), 0)::text
FROM pg_catalog.pg_stat_activity
UNION ALL
SELECT 'eclusa_queue_oldest_seconds', 'Age of the job that is ready longest.', 'gauge', '',
       coalesce(extract(epoch FROM clock_timestamp() - min(ready_at)), 0)::numeric(20, 3)::text
FROM eclusa.queue WHERE ready_at <= clock_timestamp()
UNION ALL
SELECT 'eclusa_workers', 'Workers whose lease lasts.', 'gauge', '', count(*)::text
FROM eclusa.workers WHERE lease_until > clock_timestamp()
