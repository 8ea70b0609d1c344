-- Documents: what a load did to the tables of its children, each under the law that the ledger keeps.
CREATE TABLE eclusa.ledger_tables (
  job_id bigint NOT NULL REFERENCES eclusa.ledger (job_id) ON DELETE CASCADE,
  list text NOT NULL,
  target_schema text NOT NULL,
  target_table text NOT NULL,
  read bigint NOT NULL CHECK (read >= 0),
  inserted bigint NOT NULL CHECK (inserted >= 0),
  updated bigint NOT NULL CHECK (updated >= 0),
  unchanged bigint NOT NULL CHECK (unchanged >= 0),
  deleted bigint NOT NULL CHECK (deleted >= 0),
  superseded bigint NOT NULL CHECK (superseded >= 0),
  duplicate bigint NOT NULL CHECK (duplicate >= 0),
  waiting bigint NOT NULL CHECK (waiting >= 0),
  failed bigint NOT NULL CHECK (failed >= 0),
  skipped bigint NOT NULL CHECK (skipped >= 0),
  removed bigint NOT NULL CHECK (removed >= 0),
  cascaded bigint NOT NULL CHECK (cascaded >= 0),
  PRIMARY KEY (job_id, list),
  CONSTRAINT ledger_tables_balances CHECK (
    read = inserted + updated + unchanged + deleted + superseded + duplicate + waiting + failed
           + skipped)
);
COMMENT ON TABLE eclusa.ledger_tables IS 'One row for each child table of a load of documents that was committed, beside its row in the ledger';
COMMENT ON COLUMN eclusa.ledger_tables.job_id IS 'The job';
COMMENT ON COLUMN eclusa.ledger_tables.list IS 'The list of the document that the table holds: contatos, contatos.emails';
COMMENT ON COLUMN eclusa.ledger_tables.target_schema IS 'Schema of the table';
COMMENT ON COLUMN eclusa.ledger_tables.target_table IS 'Name of the table';
COMMENT ON COLUMN eclusa.ledger_tables.read IS 'Rows read';
COMMENT ON COLUMN eclusa.ledger_tables.inserted IS 'Rows that the table did not have';
COMMENT ON COLUMN eclusa.ledger_tables.updated IS 'Rows that changed one of the table';
COMMENT ON COLUMN eclusa.ledger_tables.unchanged IS 'Rows that the table already held';
COMMENT ON COLUMN eclusa.ledger_tables.deleted IS 'Rows that deleted one of the table';
COMMENT ON COLUMN eclusa.ledger_tables.superseded IS 'Rows of a document of which the target holds a newer version';
COMMENT ON COLUMN eclusa.ledger_tables.duplicate IS 'Rows whose key another row of the document had and won, or whose document was a duplicate';
COMMENT ON COLUMN eclusa.ledger_tables.waiting IS 'Rows parked until the row they refer to arrives';
COMMENT ON COLUMN eclusa.ledger_tables.failed IS 'Rows that failed, or whose document did';
COMMENT ON COLUMN eclusa.ledger_tables.skipped IS 'Rows that were not judged';
COMMENT ON COLUMN eclusa.ledger_tables.removed IS 'Rows of the table that their list no longer named';
COMMENT ON COLUMN eclusa.ledger_tables.cascaded IS 'Rows of the table that went with their document';
