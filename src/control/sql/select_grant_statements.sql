-- $1 role: what it needs to load, one statement a row; nothing of what is the API's: who could write there
-- could give itself a token. No row: no such role.
SELECT format(s.statement, quote_ident(r.rolname))
FROM pg_catalog.pg_roles r
CROSS JOIN (VALUES
  (1, 'GRANT USAGE ON SCHEMA eclusa TO %s'),
  (2, 'GRANT USAGE, CREATE ON SCHEMA eclusa_stage TO %s'),
  (3, 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA eclusa TO %s'),
  (4, 'REVOKE INSERT, UPDATE, DELETE ON eclusa.migrations FROM %s'),
  (5, 'REVOKE UPDATE, DELETE ON eclusa.ledger, eclusa.ledger_tables FROM %s'),
  (6, 'REVOKE ALL ON eclusa.tokens, eclusa.contracts, eclusa.uploads, eclusa.idempotency_keys, eclusa.audit FROM %s'),
  (7, 'GRANT USAGE ON ALL SEQUENCES IN SCHEMA eclusa TO %s'),
  (8, 'ALTER DEFAULT PRIVILEGES IN SCHEMA eclusa GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %s'),
  (9, 'ALTER DEFAULT PRIVILEGES IN SCHEMA eclusa GRANT USAGE ON SEQUENCES TO %s')
) AS s (place, statement)
WHERE r.rolname = $1
ORDER BY s.place
