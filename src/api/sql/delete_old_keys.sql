DELETE FROM eclusa.idempotency_keys WHERE created_at < clock_timestamp() - interval '7 days'
