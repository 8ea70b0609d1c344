-- $1 job, $2 ordinal, $3 path, $4 format, $5 compression, $6 size, $7 microseconds of its last
-- change, $8 digest, $9 dialect.
INSERT INTO eclusa.files (job_id, ordinal, path, format, compression, size, mtime, sha256, dialect)
VALUES ($1, $2, $3, $4, $5, $6,
        timestamptz 'epoch' + ($7::bigint / 1000000) * interval '1 second'
                            + ($7::bigint % 1000000) * interval '1 microsecond',
        $8, $9::jsonb)
ON CONFLICT (job_id, ordinal) DO UPDATE
SET path = excluded.path, format = excluded.format, compression = excluded.compression,
    size = excluded.size, mtime = excluded.mtime, sha256 = excluded.sha256,
    dialect = excluded.dialect
