-- $1 job, $2 ordinal, $3 rows read.
UPDATE eclusa.files SET read = $3::bigint WHERE job_id = $1 AND ordinal = $2::integer
