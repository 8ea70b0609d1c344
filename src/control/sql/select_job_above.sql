-- $1 job.
SELECT uid, parent_id FROM eclusa.jobs WHERE id = $1
