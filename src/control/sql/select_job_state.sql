-- $1 job.
SELECT state, attempt FROM eclusa.jobs WHERE id = $1
