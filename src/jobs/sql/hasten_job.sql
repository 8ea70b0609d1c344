-- $1 job, which somebody has asked to stop: where it waits for another try, it need not.
UPDATE eclusa.queue SET ready_at = least(ready_at, clock_timestamp()) WHERE job_id = $1
