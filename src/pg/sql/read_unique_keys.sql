-- $1 table. Unique indexes that hold: valid, and no exclusion constraint's (temporal keys are).
SELECT c.relname,
       i.indisprimary,
       NOT i.indimmediate AS deferrable,
       i.indnullsnotdistinct,
       -- A column under a collation that is not its own is an expression, too.
       0 = ANY (i.indkey[0:i.indnkeyatts - 1]) OR p.other_collation AS has_expressions,
       pg_get_expr(i.indpred, i.indrelid) AS predicate,
       i.indkey[0:i.indnkeyatts - 1]::int[] AS columns,
       p.parts,
       -- Of expressions and predicates; an index of plain columns belongs to a constraint, perhaps.
       (SELECT array_agg(DISTINCT d.refobjsubid)
          FROM pg_depend d
         WHERE d.classid = 'pg_class'::regclass
           AND d.objid = i.indexrelid
           AND d.refclassid = 'pg_class'::regclass
           AND d.refobjid = i.indrelid
           AND d.refobjsubid > 0)::int[] AS reads,
       p.by_equality
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
 CROSS JOIN LATERAL (
    SELECT array_agg(pg_get_indexdef(i.indexrelid, part, false)
                     || CASE WHEN other THEN ' COLLATE ' || quote_ident(n.nspname) || '.'
                                             || quote_ident(l.collname) ELSE '' END
                     ORDER BY part) AS parts,
           bool_or(other) AS other_collation,
           -- Two values are equal where = says so: no operator class with an equality of its own.
           bool_and(o.opcdefault OR EXISTS (
              SELECT FROM pg_amop m JOIN pg_operator e ON e.oid = m.amopopr
               WHERE m.amopfamily = o.opcfamily AND m.amoplefttype = o.opcintype
                 AND m.amoprighttype = o.opcintype AND m.amopstrategy = 3
                 AND e.oprname = '=' AND e.oprnamespace = 'pg_catalog'::regnamespace)
           ) AS by_equality
      FROM generate_series(1, i.indnkeyatts) AS part
      JOIN pg_opclass o ON o.oid = i.indclass[part - 1]
      LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[part - 1]
      LEFT JOIN pg_collation l ON l.oid = i.indcollation[part - 1]
      LEFT JOIN pg_namespace n ON n.oid = l.collnamespace
     CROSS JOIN LATERAL (
        SELECT l.oid IS NOT NULL
           AND l.oid <> coalesce(nullif(a.attcollation, 0), 'pg_catalog."default"'::regcollation))
        AS own (other)
  ) AS p
 WHERE i.indrelid = $1
   AND i.indisunique
   AND i.indisvalid
   AND i.indisready
   AND NOT i.indisexclusion
 ORDER BY i.indisprimary DESC, c.relname
