-- $1 name, $2 hash, $3 role, $4 tenants and $5 datasets as JSON arrays, null: all, $6 who makes it, $7 seconds that it is good for,
-- $8 requests a minute and $9 waiting loads at most, null: not said.
INSERT INTO eclusa.tokens (name, hash, role, tenants, datasets, created_by, expires_at, requests_per_minute, jobs_waiting_max)
VALUES ($1, $2, $3, (SELECT array_agg(t) FROM jsonb_array_elements_text($4::jsonb) t),
        (SELECT array_agg(d) FROM jsonb_array_elements_text($5::jsonb) d), $6, clock_timestamp() + $7::bigint * interval '1 s',
        $8::integer, $9::integer)
RETURNING id
