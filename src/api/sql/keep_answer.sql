-- $1 caller, $2 key, $3 fingerprint, $4 status, $5 headers, $6 body. One that is there is too old to count.
INSERT INTO eclusa.idempotency_keys (caller, key, fingerprint, status, headers, body)
VALUES ($1, $2, $3, $4, $5::jsonb, $6)
ON CONFLICT (caller, key) DO UPDATE
SET fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers,
    body = excluded.body, created_at = clock_timestamp()
