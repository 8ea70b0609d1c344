-- Rights on the control schema that this role lacks for a load, one a row. Only where it may read
-- that schema.
SELECT 'CREATE ON SCHEMA eclusa_stage' AS missing
 WHERE NOT coalesce(has_schema_privilege(to_regnamespace('eclusa_stage')::oid, 'CREATE'), false)
 UNION ALL
SELECT format('INSERT ON %I.%I', n.nspname, c.relname)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'eclusa'
   AND c.relkind IN ('r', 'p')
   AND c.relname NOT IN ('migrations', 'tokens', 'contracts', 'uploads', 'idempotency_keys', 'audit')
   AND NOT has_table_privilege(c.oid, 'INSERT')
 ORDER BY missing
