-- $1 job. No row: it does not wait.
DELETE FROM eclusa.queue WHERE job_id = $1 RETURNING job_id
