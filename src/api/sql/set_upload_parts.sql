-- $1 upload, $2 the store's name of it, $3 how many parts.
UPDATE eclusa.uploads SET upload_id = $2, parts = $3::integer WHERE id = $1
