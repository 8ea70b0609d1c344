-- $1 object.
SELECT id, tenant, dataset, file_name, object, upload_id, parts, size, max_size, sha256, content_type,
       extract(epoch FROM expires_at)::bigint
FROM eclusa.uploads WHERE object = $1
