-- $1 job.
SELECT uid FROM eclusa.jobs WHERE id = $1
