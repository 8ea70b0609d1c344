-- A digest of everything about the table $1 that statements are built from. One line per fact,
-- sorted; null where there is no such table.
WITH RECURSIVE types (oid) AS (
  SELECT atttypid
    FROM pg_attribute
   WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped
   UNION
  SELECT inner_type.oid
    FROM types
    JOIN pg_type t ON t.oid = types.oid
   CROSS JOIN LATERAL (
      SELECT t.typbasetype WHERE t.typtype = 'd'
       UNION ALL
      SELECT e.oid FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid
   ) AS inner_type (oid)
),
tree AS (
  SELECT relid::oid FROM pg_partition_tree($1::oid)
   UNION
  SELECT $1::oid
),
facts (fact) AS (
  SELECT jsonb_build_array('table', c.oid, n.nspname, c.relname, c.relkind, c.relrowsecurity,
                           c.relforcerowsecurity, row_security_active(c.oid))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = $1
   UNION ALL
  SELECT jsonb_build_array('column', a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull,
                           a.attgenerated, a.attidentity, a.attcollation,
                           pg_get_expr(d.adbin, d.adrelid))
    FROM pg_attribute a
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
   UNION ALL
  SELECT jsonb_build_array('type', t.oid, t.typname, t.typnamespace, t.typnotnull, t.typdefault,
                           (SELECT array_agg(v.enumlabel ORDER BY v.enumsortorder)
                              FROM pg_enum v WHERE v.enumtypid = t.oid))
    FROM types JOIN pg_type t ON t.oid = types.oid
   UNION ALL
  SELECT jsonb_build_array('constraint', con.oid, con.conname, con.conrelid, con.confrelid,
                           con.convalidated, pg_get_constraintdef(con.oid))
    FROM pg_constraint con
   WHERE con.conrelid = $1 OR con.confrelid IN (SELECT relid FROM tree)
      OR con.contypid IN (SELECT oid FROM types WHERE oid <> 0)
   UNION ALL
  SELECT jsonb_build_array('index', i.indexrelid, i.indisvalid, i.indisready, i.indimmediate,
                           i.indisprimary, pg_get_indexdef(i.indexrelid))
    FROM pg_index i
   WHERE i.indrelid = $1 AND (i.indisunique OR i.indisexclusion)
   UNION ALL
  SELECT jsonb_build_array('trigger', t.oid, t.tgenabled, pg_get_triggerdef(t.oid))
    FROM pg_trigger t
   WHERE t.tgrelid IN (SELECT relid FROM tree) AND NOT t.tgisinternal
   UNION ALL
  SELECT jsonb_build_array('rule', r.oid, r.ev_enabled)
    FROM pg_rewrite r
   WHERE r.ev_class = $1
   UNION ALL
  SELECT jsonb_build_array('partition', c.oid, c.relname, c.relnamespace, c.relkind,
                           pg_get_expr(c.relpartbound, c.oid))
    FROM pg_class c
   WHERE c.oid IN (SELECT relid FROM tree) AND c.oid <> $1
   UNION ALL
  SELECT jsonb_build_array('partitioned', p.partrelid, p.partdefid, pg_get_partkeydef(p.partrelid))
    FROM pg_partitioned_table p
   WHERE p.partrelid IN (SELECT relid FROM tree)
   UNION ALL
  SELECT jsonb_build_array('child', i.inhrelid)
    FROM pg_inherits i
   WHERE i.inhparent = $1
)
SELECT CASE WHEN EXISTS (SELECT FROM pg_class WHERE oid = $1)
            THEN md5((SELECT string_agg(fact::text, E'\n' ORDER BY fact::text COLLATE "C")
                        FROM facts)) END
