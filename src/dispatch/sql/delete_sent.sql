-- $1 what was sent.
DELETE FROM eclusa.outbox WHERE id = ANY ($1::bigint[])
