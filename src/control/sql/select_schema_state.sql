-- What there is of the control schema, and what this role may do about it. Asks no right on it.
SELECT n.oid IS NOT NULL,
       c.oid IS NOT NULL,
       coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), false),
       coalesce(pg_has_role(n.nspowner, 'USAGE'), false),
       has_database_privilege(current_database(), 'CREATE'),
       quote_ident(current_user), quote_ident(current_database()),
       coalesce(quote_ident(pg_get_userbyid(n.nspowner)), '')
FROM (VALUES (1)) AS one
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'eclusa'
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'migrations'
