-- $1 the jobs' names for those outside. The versions of the rows that the status documents of those that
-- have ended are made from; select_status.sql has the same. Not among them: no such job, or it runs.
SELECT j.uid, concat_ws(' ', j.xmin,
                        (SELECT concat_ws(' ', c.xmin, c.version) FROM eclusa.contracts c
                         WHERE c.name = j.dataset ORDER BY c.version DESC LIMIT 1))
FROM eclusa.jobs j WHERE j.uid = ANY ($1::uuid[]) AND j.finished_at IS NOT NULL
