-- $1 caller, $2 key. False: another request with it is under way. The lock ends with the transaction.
SELECT pg_try_advisory_xact_lock(hashtextextended('eclusa.idempotency ' || $1 || ' ' || $2, 0))
