-- $1 table. Unique indexes that hold: valid, and no exclusion constraint's (temporal keys are).
SELECT c.relname,
       i.indisprimary,
       NOT i.indimmediate AS deferrable,
       i.indnullsnotdistinct,
       0 = ANY (i.indkey[0:i.indnkeyatts - 1]) AS has_expressions,
       pg_get_expr(i.indpred, i.indrelid) AS predicate,
       i.indkey[0:i.indnkeyatts - 1]::int[] AS columns,
       (SELECT array_agg(pg_get_indexdef(i.indexrelid, part, false) ORDER BY part)
          FROM generate_series(1, i.indnkeyatts) AS part) AS parts,
       -- Of expressions and predicates; an index of plain columns belongs to a constraint, perhaps.
       (SELECT array_agg(DISTINCT d.refobjsubid)
          FROM pg_depend d
         WHERE d.classid = 'pg_class'::regclass
           AND d.objid = i.indexrelid
           AND d.refclassid = 'pg_class'::regclass
           AND d.refobjid = i.indrelid
           AND d.refobjsubid > 0)::int[] AS reads
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
 WHERE i.indrelid = $1
   AND i.indisunique
   AND i.indisvalid
   AND i.indisready
   AND NOT i.indisexclusion
 ORDER BY i.indisprimary DESC, c.relname
