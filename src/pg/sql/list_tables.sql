-- Tables with a name about as long as $1: among them the one that was meant.
SELECT n.nspname, c.relname
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p')
   AND NOT c.relispartition
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'eclusa', 'eclusa_stage')
   AND n.nspname !~ '^pg_(toast|temp)'
   AND abs(length(c.relname) - length($1)) <= 3
 ORDER BY lower(c.relname) = lower($1) DESC, n.nspname, c.relname
 LIMIT 5000
