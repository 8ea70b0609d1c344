-- $1 table
SELECT a.attnum,
       a.attname,
       a.atttypid,
       a.atttypmod,
       a.attnotnull,
       (a.atthasdef OR t.typdefault IS NOT NULL) AND a.attgenerated = '' AS has_default,
       a.attgenerated <> '' AS generated,
       a.attidentity,
       coalesce(l.collisdeterministic, true) AS deterministic,
       coalesce(col_description(a.attrelid, a.attnum), '') AS comment,
       CASE WHEN a.attcollation <> 0 AND l.collname <> 'default'
            THEN quote_ident(n.nspname) || '.' || quote_ident(l.collname)
            ELSE '' END AS collation
  FROM pg_attribute a
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_collation l ON l.oid = a.attcollation
  LEFT JOIN pg_namespace n ON n.oid = l.collnamespace
 WHERE a.attrelid = $1
   AND a.attnum > 0
   AND NOT a.attisdropped
 ORDER BY a.attnum
