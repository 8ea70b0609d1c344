-- $1 job: its stage tables, and whether this role may drop them.
SELECT format('%I.%I', n.nspname, c.relname), pg_has_role(c.relowner, 'USAGE')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'eclusa_stage' AND c.relkind = 'r'
  AND c.relname ~ ('^[a-z]_' || $1::bigint || '(_.*)?$')
ORDER BY 1
