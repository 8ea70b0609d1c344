-- $1 job, $2 part, $3 file.
INSERT INTO eclusa.parts AS p (job_id, part, file, claim)
VALUES ($1, $2, $3, nextval('eclusa.part_claims'))
ON CONFLICT (job_id, part) DO UPDATE
SET attempt = p.attempt + 1, state = 'LOADING', file = excluded.file, claim = excluded.claim,
    place = NULL, worker_id = NULL, rows_read = NULL, rows_staged = NULL, rows_failed = NULL,
    staged_at = NULL
RETURNING attempt, claim
