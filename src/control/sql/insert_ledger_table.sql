-- $1 job, $2 list, $3 schema, $4 table, $5 read and then each outcome, removed, cascaded. Only beside
-- the job's row in the ledger.
INSERT INTO eclusa.ledger_tables (job_id, list, target_schema, target_table, read, inserted, updated,
                                  unchanged, deleted, superseded, duplicate, waiting, failed,
                                  skipped, removed, cascaded)
SELECT $1::bigint, $2, $3, $4, $5::bigint, $6::bigint, $7::bigint, $8::bigint, $9::bigint,
       $10::bigint, $11::bigint, $12::bigint, $13::bigint, $14::bigint, $15::bigint, $16::bigint
WHERE EXISTS (SELECT FROM eclusa.ledger WHERE job_id = $1::bigint)
