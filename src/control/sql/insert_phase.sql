-- $1 job, $2 attempt, $3 worker, $4 phase, $5 microseconds, $6 detail.
INSERT INTO eclusa.job_events (job_id, event, attempt, worker, phase, duration, detail)
VALUES ($1, 'phase', $2, $3, $4, $5::double precision * interval '1 microsecond', $6::jsonb)
