-- $1 job.
SELECT ordinal, path, format, compression, size, (extract(epoch FROM mtime) * 1000000)::bigint,
       sha256, dialect
FROM eclusa.files WHERE job_id = $1 ORDER BY ordinal
