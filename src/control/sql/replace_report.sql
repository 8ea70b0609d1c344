-- $1 job, $2 attempt, $3 report.
UPDATE eclusa.jobs SET report = $3::jsonb WHERE id = $1 AND attempt = $2::integer
