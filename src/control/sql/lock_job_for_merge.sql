-- $1 job, $2 attempt: the fence of the final transaction.
SELECT id FROM eclusa.jobs WHERE id = $1 AND attempt = $2 AND state = 'MERGING' FOR UPDATE
