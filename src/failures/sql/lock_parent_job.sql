-- $1 job. Its own parent, with the job's row locked: closings of one job come one after the other.
SELECT parent_id FROM eclusa.jobs WHERE id = $1 FOR UPDATE
