-- $1 job, $2 row, $3 file, $4 reason.
UPDATE eclusa.failures
SET state = 'waived', waived_reason = $4, waived_by = session_user, closed_at = clock_timestamp()
WHERE job_id = $1 AND row = $2::bigint AND file = $3::integer AND state = 'open'
