-- The leaf partitions of $1.
SELECT c.oid, n.nspname, c.relname, c.relkind
  FROM pg_partition_tree($1::oid) t
  JOIN pg_class c ON c.oid = t.relid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE t.isleaf
   AND c.relkind <> 'p'
 ORDER BY c.oid
