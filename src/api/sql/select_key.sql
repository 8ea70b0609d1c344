-- $1 caller, $2 key.
SELECT fingerprint, status, headers, body FROM eclusa.idempotency_keys
WHERE caller = $1 AND key = $2 AND created_at > clock_timestamp() - interval '7 days'
