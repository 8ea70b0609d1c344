-- $1 job, $2 code, $3 file or null, $4 reason: rows all of whose reasons have the code.
UPDATE eclusa.failures
SET state = 'waived', waived_reason = $4, waived_by = session_user, closed_at = clock_timestamp()
WHERE job_id = $1 AND codes <@ ARRAY[$2::text] AND state = 'open'
  AND ($3::integer IS NULL OR file = $3::integer)
