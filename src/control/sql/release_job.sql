-- $1 job, $2 first half of the lock's key.
SELECT pg_advisory_unlock(($2::bigint << 32) | ($1::bigint & 4294967295))
