-- $1 upload, $2 version of its object.
UPDATE eclusa.uploads
SET version = $2, registered_at = coalesce(registered_at, clock_timestamp()) WHERE id = $1
