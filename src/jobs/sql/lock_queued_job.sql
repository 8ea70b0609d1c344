-- $1 job. Waits for nobody: no row where somebody holds it.
SELECT state, attempt, queued FROM eclusa.jobs WHERE id = $1 FOR UPDATE SKIP LOCKED
