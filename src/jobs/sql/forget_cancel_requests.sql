-- Requests to stop of jobs that have ended, or are gone: some came when the end was near.
DELETE FROM eclusa.cancel_requests c
WHERE NOT EXISTS (SELECT FROM eclusa.jobs j WHERE j.id = c.job_id AND j.finished_at IS NULL)
