-- $1 fewest and $2 most workers to ask for, $3 slots of a worker where none runs. Prometheus samples: name,
-- help, labels, value; samples of one name stand together. All are gauges, and seconds where they are times.
WITH live AS (
  SELECT count(*) AS workers, coalesce(sum(slots), 0) AS slots
  FROM eclusa.workers WHERE lease_until > clock_timestamp()),
waiting AS (
  SELECT count(*) AS jobs, count(*) FILTER (WHERE ready_at <= clock_timestamp()) AS ready,
         coalesce(extract(epoch FROM clock_timestamp()
                          - min(ready_at) FILTER (WHERE ready_at <= clock_timestamp())), 0) AS oldest
  FROM eclusa.queue),
open_parts AS (
  SELECT job_id, count(*) AS parts, count(*) FILTER (WHERE state = 'QUEUED') AS ready
  FROM eclusa.parts WHERE state = 'QUEUED' OR state = 'LOADING' GROUP BY job_id),
busy AS (  -- a slot for each part that is not staged, at least one for its job
  SELECT count(*) AS jobs, coalesce(sum(greatest(1, coalesce(p.parts, 0))), 0) AS slots,
         coalesce(sum(p.ready), 0) AS parts_ready,
         coalesce(sum(p.parts - p.ready), 0) AS parts_loading,
         coalesce(extract(epoch FROM clock_timestamp() - min(r.claimed_at)), 0) AS oldest
  FROM eclusa.running r LEFT JOIN open_parts p USING (job_id))
SELECT 'eclusa_jobs', 'Jobs that have not ended, by state.', '{state="' || s.state || '"}',
       count(j.id)::text
FROM unnest(ARRAY['QUEUED', 'LOADING', 'MERGING', 'CANCELING']) AS s(state)
LEFT JOIN eclusa.jobs j
  ON j.state = s.state AND j.state IN ('QUEUED', 'LOADING', 'MERGING', 'CANCELING')
GROUP BY s.state
UNION ALL
SELECT 'eclusa_target_jobs', 'Jobs of databases of their own that have not ended, by target and state.',
       format('{target=%s,state="%s"}', options -> 'database', state), count(*)::text
FROM eclusa.jobs
WHERE state IN ('QUEUED', 'LOADING', 'MERGING', 'CANCELING') AND options ->> 'database' <> ''
GROUP BY options -> 'database', state
UNION ALL
SELECT 'eclusa_jobs_ended_last_hour', 'Jobs that ended within an hour, by state.',
       '{state="' || s.state || '"}', count(j.id)::text
FROM unnest(ARRAY['SUCCEEDED', 'SUCCEEDED_WITH_FAILURES', 'REJECTED', 'FAILED', 'CANCELED']) AS s(state)
LEFT JOIN eclusa.jobs j ON j.state = s.state AND j.failures_removed_at IS NULL
  AND j.finished_at > clock_timestamp() - interval '1 hour'
GROUP BY s.state
UNION ALL
SELECT v.name, v.help, '', trim_scale(v.value::numeric(20, 3))::text
FROM live, waiting, busy, LATERAL (VALUES
  ('eclusa_jobs_running', 'Jobs that a worker has.', busy.jobs),
  ('eclusa_jobs_running_oldest_seconds', 'Age of the attempt that runs longest.', busy.oldest),
  ('eclusa_jobs_waiting', 'Jobs in the queue.', waiting.jobs),
  ('eclusa_jobs_ready', 'Jobs in the queue that may begin now.', waiting.ready),
  ('eclusa_queue_oldest_seconds', 'Age of the job that is ready longest.', waiting.oldest),
  ('eclusa_parts_ready', 'Parts of running jobs that wait for a slot.', busy.parts_ready),
  ('eclusa_parts_loading', 'Parts of running jobs that are being staged.', busy.parts_loading),
  ('eclusa_workers', 'Workers whose lease lasts.', live.workers),
  ('eclusa_worker_slots', 'Jobs that these can do at a time.', live.slots),
  ('eclusa_slots_wanted', 'Slots that all that could be done now would keep busy.',
   busy.slots + waiting.ready),
  ('eclusa_workers_desired', 'Workers with as many slots, within the bounds that are set.',
   greatest($1::bigint, least($2::bigint, ceil(
     (busy.slots + waiting.ready)
     / CASE WHEN live.workers > 0 THEN live.slots::numeric / live.workers
            ELSE greatest(1, $3::bigint) END))))) AS v(name, help, value)
UNION ALL
SELECT 'eclusa_uploads_open', 'Files that were asked for and not registered.', '', count(*)::text
FROM eclusa.uploads WHERE registered_at IS NULL
UNION ALL
SELECT 'eclusa_oldest_snapshot_transactions',
       'Transactions since the oldest snapshot that holds back vacuum.', '',
       coalesce(max(greatest(age(backend_xmin), age(backend_xid))), 0)::text
FROM pg_catalog.pg_stat_activity
ORDER BY 1, 3
