-- One row: what of the server, the session and the role decides how a load fares. The data folder is
-- told only to who may read it and stands on the same machine.
SELECT current_setting('server_version') AS version,
       current_setting('fsync')::boolean AS fsync,
       current_setting('full_page_writes')::boolean AS full_page_writes,
       current_setting('autovacuum')::boolean AS autovacuum,
       current_setting('track_counts')::boolean AS track_counts,
       current_setting('jit')::boolean AND pg_jit_available() AS jit,
       current_setting('work_mem') AS work_mem,
       pg_size_bytes(current_setting('work_mem')) AS work_mem_bytes,
       current_setting('shared_buffers') AS shared_buffers,
       pg_size_bytes(current_setting('shared_buffers')) AS shared_buffers_bytes,
       current_setting('max_wal_size') AS max_wal_size,
       pg_size_bytes(current_setting('max_wal_size')) AS max_wal_size_bytes,
       current_setting('checkpoint_timeout') AS checkpoint_timeout,
       extract(epoch FROM current_setting('checkpoint_timeout')::interval)::bigint
         AS checkpoint_timeout_s,
       pg_is_in_recovery() AS in_recovery,
       current_setting('default_transaction_read_only')::boolean AS read_only,
       quote_ident(current_user) AS role,
       quote_ident(current_database()) AS database,
       has_database_privilege(current_database(), 'CREATE') AS may_create,
       CASE WHEN inet_server_addr() IS NULL AND pg_has_role('pg_read_all_settings', 'USAGE')
            THEN (SELECT setting FROM pg_settings WHERE name = 'data_directory') END AS data_directory
