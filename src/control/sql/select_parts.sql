-- $1 job.
SELECT part, file, attempt, claim, state = 'STAGED', rows_read, rows_staged, rows_failed, place, found
FROM eclusa.parts WHERE job_id = $1 ORDER BY part
