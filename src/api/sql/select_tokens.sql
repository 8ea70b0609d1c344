-- All tokens, for people.
SELECT id, name, role, coalesce(array_to_string(tenants, ', '), '*'),
       coalesce(array_to_string(datasets, ', '), '*'),
       CASE WHEN revoked_at IS NOT NULL THEN 'revoked'
            WHEN expires_at <= clock_timestamp() THEN 'expired' ELSE 'valid' END
FROM eclusa.tokens ORDER BY id
