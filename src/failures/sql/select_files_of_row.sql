-- $1 job, $2 row: files in which that row is an open failure.
SELECT file FROM eclusa.failures
WHERE job_id = $1 AND row = $2::bigint AND state = 'open' ORDER BY file
