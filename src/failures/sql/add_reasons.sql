-- $1 job, $2 file, $3 row, $4 reasons, $5 their codes: more reasons of a row that is kept.
UPDATE eclusa.failures
SET reasons = reasons || $4::jsonb,
    codes = ARRAY(SELECT DISTINCT code FROM unnest(codes || $5::text[]) AS code)
WHERE job_id = $1 AND file = $2 AND row = $3
