-- $1 name, $2 expected, $3 next.
UPDATE eclusa.source_positions SET position = $3, moved_at = clock_timestamp()
WHERE name = $1 AND position = $2
