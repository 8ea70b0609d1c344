-- $1 job. Waits for whoever is changing it: a commit that is under way.
SELECT state, attempt FROM eclusa.jobs WHERE id = $1 FOR SHARE
