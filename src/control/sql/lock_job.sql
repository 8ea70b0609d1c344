-- $1 job. Waits for the row.
SELECT state, attempt FROM eclusa.jobs WHERE id = $1 FOR UPDATE
