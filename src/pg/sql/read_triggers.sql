-- One row for $1: its own and its partitions' triggers (bits of tgtype: 1 row, 2 before, 4 insert,
-- 8 delete, 16 update), its exclusion constraints, and whether its partitions take every row.
-- Triggers for replicas only, and disabled ones, do not fire in a load.
WITH tree AS (
  SELECT relid::oid FROM pg_partition_tree($1::oid)
   UNION
  SELECT $1::oid
),
firing AS (
  SELECT t.tgtype
    FROM pg_trigger t
   WHERE t.tgrelid IN (SELECT relid FROM tree)
     AND (t.tgrelid = $1 OR (t.tgtype & 1) <> 0)
     AND NOT t.tgisinternal
     AND t.tgenabled IN ('O', 'A')
     AND (t.tgtype & 28) <> 0
)
SELECT EXISTS (SELECT FROM firing WHERE tgtype & 7 = 7) AS before_insert_row,
       EXISTS (SELECT FROM firing WHERE tgtype & 19 = 19) AS before_update_row,
       EXISTS (SELECT FROM firing WHERE tgtype & 11 = 11) AS before_delete_row,
       EXISTS (SELECT FROM firing WHERE tgtype & 3 <> 3) AS others,
       (SELECT array_agg(con.conname::text ORDER BY con.conname)
          FROM pg_constraint con
         WHERE con.conrelid = $1
           AND (con.contype = 'x' OR coalesce((to_jsonb(con) ->> 'conperiod')::boolean, false)
                                     AND con.contype IN ('p', 'u'))) AS exclusions,
       coalesce((SELECT bool_and(p.partdefid <> 0)
                   FROM pg_partitioned_table p
                  WHERE p.partrelid IN (SELECT relid FROM tree)), false) AS takes_every_row
