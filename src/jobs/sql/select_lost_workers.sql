-- Workers whose lease is over, locked; those that another rescuer has are passed over. Ends their
-- sessions: a statement of a worker that stands still would otherwise hold its locks.
SELECT w.id, w.name,
       (SELECT count(pg_terminate_backend(a.pid)) FROM pg_catalog.pg_stat_activity a
        WHERE a.application_name = 'eclusa worker ' || w.id AND a.datname = current_database()
          AND a.usename = current_user AND a.pid <> pg_backend_pid())
FROM eclusa.workers w
WHERE w.lease_until < clock_timestamp()
ORDER BY w.id
FOR UPDATE OF w SKIP LOCKED
