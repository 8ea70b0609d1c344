-- $1 days after their registration, $2 at most: uploads of which no load is under way or keeps failures.
SELECT u.id, u.object, u.upload_id FROM eclusa.uploads u
WHERE u.registered_at < clock_timestamp() - $1::integer * interval '1 day'
  AND NOT EXISTS (SELECT FROM eclusa.jobs j
                  WHERE j.failures_removed_at IS NULL AND j.created_at >= u.registered_at
                    AND j.options -> 'stored' @> jsonb_build_array(jsonb_build_object('object', u.object)))
ORDER BY u.registered_at LIMIT $2
