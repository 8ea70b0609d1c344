-- $1 job, $2 attempt. No row: the attempt owns it no more.
SELECT j.uid, (SELECT p.uid FROM eclusa.jobs p WHERE p.id = j.parent_id), to_jsonb(j) - 'report'
FROM eclusa.jobs j WHERE j.id = $1 AND j.attempt = $2::integer
