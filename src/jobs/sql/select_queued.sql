-- $1 job: whether it went through the queue.
SELECT queued FROM eclusa.jobs WHERE id = $1
