-- The sequences that fill columns of $1: by identity, or by a default that calls nextval().
SELECT DISTINCT
       a.attname,
       format('%I.%I', n.nspname, c.relname) AS sequence,
       s.seqstart,
       s.seqincrement,
       has_sequence_privilege(c.oid, 'SELECT') OR has_sequence_privilege(c.oid, 'USAGE') AS readable,
       CASE WHEN has_sequence_privilege(c.oid, 'SELECT') OR has_sequence_privilege(c.oid, 'USAGE')
            THEN pg_sequence_last_value(c.oid) END AS last_value,
       a.attnum
  FROM (SELECT d.adrelid AS relid, d.adnum AS attnum, p.refobjid AS sequence
          FROM pg_attrdef d
          JOIN pg_depend p ON p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
           AND p.refclassid = 'pg_class'::regclass
         WHERE d.adrelid = $1
         UNION
        SELECT p.refobjid, p.refobjsubid, p.objid
          FROM pg_depend p
         WHERE p.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass
           AND p.refobjid = $1 AND p.refobjsubid > 0 AND p.deptype = 'i') AS filled
  JOIN pg_class c ON c.oid = filled.sequence AND c.relkind = 'S'
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_sequence s ON s.seqrelid = c.oid
  JOIN pg_attribute a ON a.attrelid = filled.relid AND a.attnum = filled.attnum
 ORDER BY a.attnum
