-- $1 name, $2 position. Waits for a concurrent one; no row: the name is taken.
INSERT INTO eclusa.source_positions (name, position) VALUES ($1, $2)
ON CONFLICT (name) DO NOTHING
