-- $1 the job's name for those outside. The versions of the rows that the status document of a job that
-- has ended is made from; select_status.sql has the same. No row: there is no such job, or it runs.
SELECT concat_ws(' ', j.xmin,
                 (SELECT concat_ws(' ', c.xmin, c.version) FROM eclusa.contracts c
                  WHERE c.name = j.dataset ORDER BY c.version DESC LIMIT 1))
FROM eclusa.jobs j WHERE j.uid = $1 AND j.finished_at IS NOT NULL
