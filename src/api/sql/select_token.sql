-- $1 hash. No row: there is none that is good.
SELECT id, name, role, tenants, datasets, requests_per_minute, jobs_waiting_max FROM eclusa.tokens
WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
