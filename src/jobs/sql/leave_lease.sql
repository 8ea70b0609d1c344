-- $1 worker, which has nothing left to work on.
DELETE FROM eclusa.workers w WHERE w.id = $1
  AND NOT EXISTS (SELECT FROM eclusa.running r WHERE r.worker_id = w.id)
