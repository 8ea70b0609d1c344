-- $1 name.
SELECT position FROM eclusa.source_positions WHERE name = $1
