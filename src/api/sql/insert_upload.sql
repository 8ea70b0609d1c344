-- $1 tenant, $2 dataset, $3 file name, $4 object, $5 parts, $6 size, $7 size at most, $8 digest,
-- $9 content type, $10 token, $11 seconds that it is good for.
INSERT INTO eclusa.uploads (tenant, dataset, file_name, object, parts, size, max_size, sha256,
                            content_type, token_id, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
        date_trunc('second', clock_timestamp()) + $11::bigint * interval '1 s')
RETURNING id, extract(epoch FROM expires_at)::bigint
