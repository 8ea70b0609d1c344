-- $1 job, $2 attempt, which goes on with the parts that the attempts before it have staged: all others
-- are staged again, and what is counted at the end is counted anew. No row: the attempt owns the
-- job no more, or has given it back.
WITH own AS (
  SELECT id FROM eclusa.jobs WHERE id = $1 AND attempt = $2::integer AND state = 'LOADING' FOR UPDATE),
warnings AS (DELETE FROM eclusa.warnings w USING own WHERE w.job_id = own.id),
others AS (
  UPDATE eclusa.parts p SET state = 'QUEUED', ready_at = clock_timestamp() FROM own
  WHERE p.job_id = own.id AND p.state IN ('LOADING', 'FAILED')),
outbox AS (
  INSERT INTO eclusa.outbox (job_id, part)
  SELECT p.job_id, p.part FROM own JOIN eclusa.parts p ON p.job_id = own.id AND p.state <> 'STAGED'
  WHERE EXISTS (SELECT FROM eclusa.publishing WHERE wanted_until > clock_timestamp()))
SELECT id FROM own
