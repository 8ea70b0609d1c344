-- Foreign keys of which $1 is an end; one that refers to itself comes twice. The copies that
-- PostgreSQL makes for partitions are left out. A key that refers to a partition of $1 alone comes
-- only where it acts on deletion, because then rows elsewhere would change unnoticed.
WITH tree AS (
  SELECT relid::oid FROM pg_partition_tree($1::oid)
   UNION
  SELECT $1::oid
),
foreign_keys AS (
  SELECT con.*, parent.conrelid AS parent_from, parent.confrelid AS parent_to
    FROM pg_constraint con
    LEFT JOIN pg_constraint parent ON parent.oid = con.conparentid
   WHERE con.contype = 'f'
     AND NOT coalesce((to_jsonb(con) ->> 'conperiod')::boolean, false)
     AND coalesce((to_jsonb(con) ->> 'conenforced')::boolean, true)
     AND (con.conrelid = $1 OR con.confrelid IN (SELECT relid FROM tree))
),
ends AS (
  SELECT f.*, true AS outgoing, conrelid AS own, conkey AS own_key, confrelid AS other,
         confkey AS other_key
    FROM foreign_keys f
   WHERE conrelid = $1 AND parent_from IS DISTINCT FROM conrelid
   UNION ALL
  SELECT f.*, false, confrelid, confkey, conrelid, conkey
    FROM foreign_keys f
   WHERE (confrelid = $1 AND parent_to IS DISTINCT FROM confrelid)
      OR (confrelid <> $1
          AND confrelid IN (SELECT relid FROM tree)
          AND coalesce(parent_to NOT IN (SELECT relid FROM tree), true)
          AND confdeltype IN ('c', 'n', 'd'))
)
SELECT e.outgoing,
       e.conname,
       n.nspname,
       c.relname,
       e.own = e.other AS self,
       e.confmatchtype = 'f' AS match_full,
       e.condeferrable,
       has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE')
         AND NOT row_security_active(c.oid) AS readable,
       e.confdeltype,
       e.confupdtype,
       (SELECT array_agg(a.attname::text ORDER BY k.position)
          FROM unnest(e.own_key) WITH ORDINALITY AS k (attnum, position)
          JOIN pg_attribute a ON a.attrelid = e.own AND a.attnum = k.attnum) AS columns,
       (SELECT array_agg(a.attname::text ORDER BY k.position)
          FROM unnest(e.other_key) WITH ORDINALITY AS k (attnum, position)
          JOIN pg_attribute a ON a.attrelid = e.other AND a.attnum = k.attnum) AS other_columns
  FROM ends e
  JOIN pg_class c ON c.oid = e.other
  JOIN pg_namespace n ON n.oid = c.relnamespace
 ORDER BY e.conname, n.nspname, c.relname
