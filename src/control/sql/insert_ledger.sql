-- $1 job: its row already holds the final counts. A dry run has no place in the ledger.
INSERT INTO eclusa.ledger (job_id, attempt, target_schema, target_table, mode, contract_digest,
                           file_sha256s, read, inserted, updated, unchanged, deleted, superseded,
                           duplicate, waiting, failed, skipped, removed, cascaded)
SELECT id, attempt, target_schema, target_table, mode, contract_digest,
       ARRAY(SELECT sha256 FROM eclusa.files WHERE job_id = $1 AND sha256 IS NOT NULL
             ORDER BY ordinal),
       read, inserted, updated, unchanged, deleted, superseded, duplicate, waiting, failed, skipped,
       removed, cascaded
FROM eclusa.jobs
WHERE id = $1 AND NOT dry_run AND state IN ('SUCCEEDED', 'SUCCEEDED_WITH_FAILURES')
