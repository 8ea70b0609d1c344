-- $1 job, which has ended without a merge: what others still stage of it they cannot finish any more. Waits
-- for those that are about to commit, whose failures are counted next.
UPDATE eclusa.parts SET state = 'QUEUED' WHERE job_id = $1 AND state = 'LOADING'
