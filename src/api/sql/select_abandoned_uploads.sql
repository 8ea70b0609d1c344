-- $1 seconds after their expiry, $2 at most: uploads that were never registered.
SELECT id, object, upload_id FROM eclusa.uploads
WHERE registered_at IS NULL AND expires_at < clock_timestamp() - $1::bigint * interval '1 s'
ORDER BY expires_at LIMIT $2
