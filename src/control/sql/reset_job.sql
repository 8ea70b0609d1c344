-- $1 job, $2 attempt, which is about to begin anew: what the attempts before it have left. No row:
-- the attempt owns the job no more, or has given it back.
WITH own AS (
  SELECT id FROM eclusa.jobs WHERE id = $1 AND attempt = $2::integer AND state = 'LOADING' FOR UPDATE),
failures AS (DELETE FROM eclusa.failures f USING own WHERE f.job_id = own.id),
batches AS (DELETE FROM eclusa.failure_batches f USING own WHERE f.job_id = own.id),
resubmitted AS (DELETE FROM eclusa.resubmitted f USING own WHERE f.job_id = own.id),
warnings AS (DELETE FROM eclusa.warnings f USING own WHERE f.job_id = own.id),
parts AS (DELETE FROM eclusa.parts f USING own WHERE f.job_id = own.id),
files AS (DELETE FROM eclusa.files f USING own WHERE f.job_id = own.id)
SELECT id FROM own
