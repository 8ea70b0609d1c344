-- $1 job, $2 JSON array: of each part, in their order.
UPDATE eclusa.parts p SET rows_written = w.rows
FROM (SELECT ordinality - 1 AS part, value::bigint AS rows
      FROM jsonb_array_elements_text($2::jsonb) WITH ORDINALITY) w
WHERE p.job_id = $1 AND p.part = w.part
