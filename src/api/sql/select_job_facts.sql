-- $1 job: whether somebody asked for it to stop, its place in the queue, times, parent, version.
SELECT EXISTS (SELECT FROM eclusa.cancel_requests c WHERE c.job_id = j.id),
       (SELECT 1 + (SELECT count(*) FROM eclusa.queue o
                    WHERE o.tenant = q.tenant
                      AND (o.priority > q.priority OR o.priority = q.priority AND o.id < q.id))
        FROM eclusa.queue q WHERE q.job_id = j.id),
       to_char(j.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       to_char(j.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       to_char(j.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       (SELECT p.uid FROM eclusa.jobs p WHERE p.id = j.parent_id),
       (SELECT max(c.version) FROM eclusa.contracts c
        WHERE c.name = j.dataset AND c.digest = j.contract_digest)
FROM eclusa.jobs j WHERE j.id = $1
