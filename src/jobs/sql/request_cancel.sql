-- $1 job, $2 who asks.
INSERT INTO eclusa.cancel_requests (job_id, requested_by) VALUES ($1, $2) ON CONFLICT DO NOTHING
