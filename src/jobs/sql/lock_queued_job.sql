-- $1 job. Waits for nobody: no row where somebody holds it. Third column: whether it may be, or have ended,
-- in another database.
SELECT state, attempt, attempt > 0 AND coalesce(options ->> 'database', '') <> '' FROM eclusa.jobs WHERE id = $1 FOR UPDATE SKIP LOCKED
