-- The same text in two sessions: they are in one database of one server.
SELECT d.oid || ' ' || pg_postmaster_start_time()
FROM pg_catalog.pg_database d WHERE d.datname = current_database()
