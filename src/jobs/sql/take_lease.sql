-- $1 name, $2 slots, $3 milliseconds.
INSERT INTO eclusa.workers (name, slots, lease_until)
VALUES ($1, $2::integer, clock_timestamp() + $3::bigint * interval '1 ms')
RETURNING id
