-- $1 the job's name for those outside.
SELECT id, attempt, finished_at IS NOT NULL FROM eclusa.jobs WHERE uid = $1::uuid
