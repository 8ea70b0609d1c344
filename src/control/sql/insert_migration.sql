-- $1 number, $2 name.
INSERT INTO eclusa.migrations (number, name) VALUES ($1, $2)
