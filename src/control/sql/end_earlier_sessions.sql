-- $1 how the sessions of the job's attempts are called, but for the attempt's number behind it, $2 this
-- attempt. Ends those of earlier ones and waits for that: one that stands still holds locks here.
SELECT count(pg_terminate_backend(a.pid, 5000)) FROM pg_catalog.pg_stat_activity a
WHERE a.datname = current_database() AND a.usename = current_user AND a.pid <> pg_backend_pid()
  AND substring(a.application_name FROM '^' || $1 || ' ([0-9]{1,9})$')::integer < $2::integer
