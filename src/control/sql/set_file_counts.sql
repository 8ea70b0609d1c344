-- $1 job, $2 ordinal, $3 read, then each outcome.
UPDATE eclusa.files
SET read = $3::bigint, applied = $4::bigint, failed = $5::bigint, duplicate = $6::bigint,
    superseded = $7::bigint, waiting = $8::bigint, skipped = $9::bigint
WHERE job_id = $1 AND ordinal = $2::integer
