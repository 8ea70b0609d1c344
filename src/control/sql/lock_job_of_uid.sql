-- $1 the job's name for those outside. Waits for the row.
SELECT id FROM eclusa.jobs WHERE uid = $1::uuid FOR UPDATE
