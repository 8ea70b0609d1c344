-- The types of the columns of $1, down to the bases of domains and the elements of arrays.
-- A typmod of -1 makes format_type print the type without limits: bpchar, numeric.
WITH RECURSIVE needed (oid, typmod) AS (
  SELECT atttypid, atttypmod
    FROM pg_attribute
   WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped
   UNION
  SELECT inner_type.oid, inner_type.typmod
    FROM needed
    JOIN pg_type t ON t.oid = needed.oid
   CROSS JOIN LATERAL (
      SELECT t.typbasetype, t.typtypmod WHERE t.typtype = 'd'
       UNION ALL
      SELECT e.oid, needed.typmod FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid
   ) AS inner_type (oid, typmod)
)
SELECT t.oid,
       needed.typmod,
       t.typtype,
       t.typname,
       format_type(t.oid, needed.typmod) AS name,
       format_type(t.oid, -1) AS name_without_limits,
       format('%I.%I', n.nspname, t.typname) AS qualified,
       t.typbasetype,
       t.typtypmod,
       t.typnotnull,
       coalesce(e.oid, 0) AS element,
       CASE WHEN t.typtype = 'e' THEN
         (SELECT array_agg(v.enumlabel::text ORDER BY v.enumsortorder)
            FROM pg_enum v WHERE v.enumtypid = t.oid) END AS labels
  FROM needed
  JOIN pg_type t ON t.oid = needed.oid
  JOIN pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
