-- $1 job, $2 file, $3 counter, $4 count.
INSERT INTO eclusa.warnings AS w (job_id, file, counter, count) VALUES ($1, $2, $3, $4)
ON CONFLICT (job_id, file, counter) DO UPDATE SET count = w.count + excluded.count
