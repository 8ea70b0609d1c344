-- $1 job.
SELECT part, file, state, attempt, rows_read, rows_staged, rows_failed
FROM eclusa.parts WHERE job_id = $1 ORDER BY part
