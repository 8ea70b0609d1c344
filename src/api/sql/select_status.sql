-- $1 the job's name for those outside. All of its status document but the causes, of one moment.
SELECT j.id, j.uid, j.tenant, j.dataset,
       (SELECT c.path FROM eclusa.contracts c WHERE c.name = j.dataset ORDER BY c.version DESC LIMIT 1)
         AS path,
       nullif(j.options ->> 'database', '') AS database, j.target_schema, j.target_table, j.mode, j.dry_run, j.state, j.attempt, j.error, j.report,
       j.open_failures, j.read, j.inserted, j.updated, j.unchanged, j.deleted, j.superseded, j.duplicate,
       j.waiting, j.failed, j.skipped, j.removed, j.cascaded,
       (SELECT p.uid FROM eclusa.jobs p WHERE p.id = j.parent_id) AS parent,
       (SELECT max(c.version) FROM eclusa.contracts c
        WHERE c.name = j.dataset AND c.digest = j.contract_digest) AS version,
       j.finished_at IS NULL
         AND EXISTS (SELECT FROM eclusa.cancel_requests c WHERE c.job_id = j.id) AS canceling,
       CASE WHEN j.state = 'QUEUED' THEN
         (SELECT 1 + (SELECT count(*) FROM eclusa.queue o
                      WHERE o.tenant = q.tenant
                        AND (o.priority > q.priority OR o.priority = q.priority AND o.id < q.id))
          FROM eclusa.queue q WHERE q.job_id = j.id) END AS position,
       CASE WHEN j.state = 'QUEUED' AND j.attempt > 0 THEN
         (SELECT jsonb_build_object(
                   'tries', q.tries,
                   'at', to_char(q.ready_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                   'why', (SELECT e.detail ->> 'why' FROM eclusa.job_events e
                           WHERE e.job_id = j.id AND e.detail ? 'why' ORDER BY e.id DESC LIMIT 1))
          FROM eclusa.queue q WHERE q.job_id = j.id) END AS retry,
       to_char(j.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created,
       to_char(j.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS started,
       to_char(j.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS finished,
       (extract(epoch FROM coalesce(j.finished_at, clock_timestamp()) - j.started_at) * 1000)::bigint
         AS duration,
       (SELECT r.progress || jsonb_build_object(
                 'seconds', extract(epoch FROM clock_timestamp() - r.claimed_at)::numeric(20, 3))
        FROM eclusa.running r WHERE r.job_id = j.id) AS progress,
       (SELECT json_agg(json_build_object('part', p.part, 'file', p.file, 'state', p.state,
                                          'attempt', p.attempt, 'read', p.rows_read,
                                          'staged', p.rows_staged, 'failed', p.rows_failed)
                        ORDER BY p.part)
        FROM eclusa.parts p WHERE p.job_id = j.id) AS parts,
       CASE WHEN j.finished_at IS NOT NULL
                 AND NOT EXISTS (SELECT FROM eclusa.parts p
                                 WHERE p.job_id = j.id AND p.state = 'LOADING') THEN
         concat_ws(' ', j.xmin,
                   (SELECT concat_ws(' ', c.xmin, c.version) FROM eclusa.contracts c
                    WHERE c.name = j.dataset ORDER BY c.version DESC LIMIT 1)) END AS stamp
FROM eclusa.jobs j WHERE j.uid = $1
