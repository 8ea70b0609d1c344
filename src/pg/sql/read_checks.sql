-- Checks of the table $1 and of the domains $2, and whether each is immutable: every node of the
-- stored expression is of a kind known to be, and every function, operator and conversion through
-- text that it names is declared so. System columns and whole rows count as not immutable, because a
-- staged row has none.
WITH checks AS (
  SELECT con.oid, con.contypid, con.conname, con.conrelid, con.conkey, con.conbin,
         con.conbin::text AS tree
    FROM pg_constraint con
   WHERE con.contype = 'c'
     AND (con.conrelid = $1 OR con.contypid = ANY ($2::oid[]))
     AND coalesce((to_jsonb(con) ->> 'conenforced')::boolean, true)
),
functions (oid, function) AS (
  SELECT c.oid, m[1]::oid FROM checks c, regexp_matches(c.tree, ':funcid (\d+)', 'g') m
   UNION
  SELECT c.oid, o.oprcode
    FROM checks c,
         regexp_matches(c.tree, ':opno (\d+)', 'g') m
    JOIN pg_operator o ON o.oid = m[1]::oid
   UNION
  SELECT c.oid, o.oprcode
    FROM checks c,
         regexp_matches(c.tree, ':opnos \(o ([\d ]+)\)', 'g') m,
         string_to_table(m[1], ' ') AS number
    JOIN pg_operator o ON o.oid = number::oid
   UNION
  SELECT c.oid, f.function
    FROM checks c,
         regexp_matches(c.tree, ':\w*type (\d+)', 'g') m
    JOIN pg_type t ON t.oid = m[1]::oid
   CROSS JOIN LATERAL (VALUES (t.typinput::oid), (t.typoutput::oid)) AS f (function)
   WHERE c.tree ~ '\{COERCEVIAIO '
)
SELECT c.contypid,
       c.conname,
       pg_get_expr(c.conbin, c.conrelid) AS expression,
       c.conkey,
       c.tree !~ ':varattno (-|0)'
       AND NOT EXISTS (
         SELECT FROM regexp_matches(c.tree, '\{([A-Z]+)[ }]', 'g') m
          WHERE m[1] NOT IN (
            'VAR', 'CONST', 'FUNCEXPR', 'OPEXPR', 'BOOLEXPR', 'NULLTEST', 'BOOLEANTEST',
            'CASE', 'CASEEXPR', 'WHEN', 'CASEWHEN', 'CASETESTEXPR', 'SCALARARRAYOPEXPR', 'ARRAY',
            'ARRAYEXPR', 'ROW', 'ROWEXPR', 'ROWCOMPARE', 'ROWCOMPAREEXPR', 'RELABELTYPE',
            'COERCEVIAIO', 'ARRAYCOERCEEXPR', 'COALESCE', 'COALESCEEXPR', 'MINMAX', 'MINMAXEXPR',
            'NULLIFEXPR', 'DISTINCTEXPR', 'SUBSCRIPTINGREF', 'FIELDSELECT', 'COLLATE',
            'COLLATEEXPR', 'COERCETODOMAINVALUE', 'NAMEDARGEXPR'))
       AND NOT EXISTS (
         SELECT FROM functions f JOIN pg_proc p ON p.oid = f.function
          WHERE f.oid = c.oid AND p.provolatile <> 'i') AS immutable
  FROM checks c
 ORDER BY c.contypid, c.conname
