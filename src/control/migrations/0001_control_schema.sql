-- The control schema: jobs and their events, what they read, what became of the rows.
-- Every table and column has a comment, because people will query them.

DO $$
BEGIN
  -- Not IF NOT EXISTS: that asks for the right to create even where there is nothing to create.
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'eclusa') THEN
    CREATE SCHEMA eclusa;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'eclusa_stage') THEN
    CREATE SCHEMA eclusa_stage;
  END IF;
END
$$;

DO $$
BEGIN
  -- A schema made beforehand by somebody else can be used, but not described, by this role.
  IF EXISTS (SELECT FROM pg_catalog.pg_namespace
             WHERE nspname = 'eclusa' AND pg_catalog.pg_has_role(nspowner, 'USAGE')) THEN
    COMMENT ON SCHEMA eclusa IS 'Jobs, ledger and failures of eclusa, made and upgraded by the program';
  END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_namespace
             WHERE nspname = 'eclusa_stage' AND pg_catalog.pg_has_role(nspowner, 'USAGE')) THEN
    COMMENT ON SCHEMA eclusa_stage IS
      'Stage tables of running loads: <letter>_<job>; those of jobs that have ended may be dropped';
  END IF;
END
$$;

CREATE TABLE eclusa.migrations (
  number integer PRIMARY KEY,
  name text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  applied_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE eclusa.migrations IS 'Which migrations of this schema were applied, and when';
COMMENT ON COLUMN eclusa.migrations.number IS 'Number of the migration, from 1 without gaps';
COMMENT ON COLUMN eclusa.migrations.name IS 'What it is called in the program';
COMMENT ON COLUMN eclusa.migrations.applied_at IS 'When it was applied';
COMMENT ON COLUMN eclusa.migrations.applied_by IS 'The role that applied it';

CREATE TABLE eclusa.jobs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  parent_id bigint,
  state text NOT NULL,
  attempt integer NOT NULL DEFAULT 1 CHECK (attempt >= 1),
  target_schema text NOT NULL,
  target_table text NOT NULL,
  dataset text NOT NULL,
  mode text NOT NULL,
  contract_digest text NOT NULL,
  contract text NOT NULL,
  options jsonb NOT NULL DEFAULT '{}',
  dry_run boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz,
  worker text,
  backend_pid integer,
  error jsonb,
  report jsonb,
  read bigint,
  inserted bigint,
  updated bigint,
  unchanged bigint,
  deleted bigint,
  superseded bigint,
  duplicate bigint,
  waiting bigint,
  failed bigint,
  skipped bigint,
  removed bigint,
  cascaded bigint,
  open_failures bigint NOT NULL DEFAULT 0 CHECK (open_failures >= 0),
  CONSTRAINT jobs_state_known CHECK (state IN (
    'QUEUED', 'LOADING', 'MERGING', 'SUCCEEDED', 'SUCCEEDED_WITH_FAILURES', 'REJECTED', 'FAILED',
    'CANCELING', 'CANCELED')),
  CONSTRAINT jobs_counts_all_or_none CHECK (
    num_nulls(read, inserted, updated, unchanged, deleted, superseded, duplicate, waiting, failed,
              skipped, removed, cascaded) IN (0, 12)),
  CONSTRAINT jobs_counts_balance CHECK (
    read = inserted + updated + unchanged + deleted + superseded + duplicate + waiting + failed
           + skipped)
);
CREATE INDEX jobs_running ON eclusa.jobs (id)
  WHERE state IN ('QUEUED', 'LOADING', 'MERGING', 'CANCELING');
CREATE INDEX jobs_parent ON eclusa.jobs (parent_id) WHERE parent_id IS NOT NULL;
COMMENT ON TABLE eclusa.jobs IS 'One row for each load that was asked for';
COMMENT ON COLUMN eclusa.jobs.id IS 'The job''s number';
COMMENT ON COLUMN eclusa.jobs.parent_id IS 'The job whose failures this one hands in again';
COMMENT ON COLUMN eclusa.jobs.state IS 'Where the job stands: present participles run, past ones are final';
COMMENT ON COLUMN eclusa.jobs.attempt IS 'Which attempt owns the job: every write of a worker names it';
COMMENT ON COLUMN eclusa.jobs.target_schema IS 'Schema of the target table';
COMMENT ON COLUMN eclusa.jobs.target_table IS 'Name of the target table';
COMMENT ON COLUMN eclusa.jobs.dataset IS 'Name of the dataset, from the contract';
COMMENT ON COLUMN eclusa.jobs.mode IS 'upsert, insert, append, delete, mixed or replace';
COMMENT ON COLUMN eclusa.jobs.contract_digest IS 'SHA-256 of the contract, hexadecimal';
COMMENT ON COLUMN eclusa.jobs.contract IS 'The contract as it was used';
COMMENT ON COLUMN eclusa.jobs.options IS 'What else was asked for';
COMMENT ON COLUMN eclusa.jobs.dry_run IS 'True: the target was not to be changed';
COMMENT ON COLUMN eclusa.jobs.created_at IS 'When the job was asked for';
COMMENT ON COLUMN eclusa.jobs.started_at IS 'When its work began';
COMMENT ON COLUMN eclusa.jobs.finished_at IS 'When it reached a final state';
COMMENT ON COLUMN eclusa.jobs.worker IS 'Host and process that work on it, or did last';
COMMENT ON COLUMN eclusa.jobs.backend_pid IS 'Server process of the session that says the job is alive';
COMMENT ON COLUMN eclusa.jobs.error IS 'Why the operation failed: code and arguments';
COMMENT ON COLUMN eclusa.jobs.report IS 'The report as it was printed with --json';
COMMENT ON COLUMN eclusa.jobs.read IS 'Rows read; null: not known yet, as are all counts';
COMMENT ON COLUMN eclusa.jobs.inserted IS 'Rows that the target did not have';
COMMENT ON COLUMN eclusa.jobs.updated IS 'Rows that changed one of the target';
COMMENT ON COLUMN eclusa.jobs.unchanged IS 'Rows that the target already held';
COMMENT ON COLUMN eclusa.jobs.deleted IS 'Rows that deleted one of the target';
COMMENT ON COLUMN eclusa.jobs.superseded IS 'Rows of which the target holds a newer version';
COMMENT ON COLUMN eclusa.jobs.duplicate IS 'Rows whose key another row of the load had and won';
COMMENT ON COLUMN eclusa.jobs.waiting IS 'Rows parked until the row they refer to arrives';
COMMENT ON COLUMN eclusa.jobs.failed IS 'Rows with at least one reason';
COMMENT ON COLUMN eclusa.jobs.skipped IS 'Rows that were not judged';
COMMENT ON COLUMN eclusa.jobs.removed IS 'Target rows that replace took away';
COMMENT ON COLUMN eclusa.jobs.cascaded IS 'Target rows that foreign keys took along';
COMMENT ON COLUMN eclusa.jobs.open_failures IS 'Failures neither closed by a later load nor waived';

CREATE TABLE eclusa.job_events (
  job_id bigint NOT NULL REFERENCES eclusa.jobs ON DELETE CASCADE,
  id bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  event text NOT NULL,
  from_state text,
  to_state text,
  attempt integer NOT NULL,
  worker text NOT NULL,
  phase text,
  duration interval,
  detail jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (job_id, id)
);
COMMENT ON TABLE eclusa.job_events IS 'Every transition and phase of every job, with its times';
COMMENT ON COLUMN eclusa.job_events.job_id IS 'The job';
COMMENT ON COLUMN eclusa.job_events.id IS 'Order of the events';
COMMENT ON COLUMN eclusa.job_events.at IS 'When it happened';
COMMENT ON COLUMN eclusa.job_events.event IS 'Name of the transition, or "phase"';
COMMENT ON COLUMN eclusa.job_events.from_state IS 'The state before; null: a phase';
COMMENT ON COLUMN eclusa.job_events.to_state IS 'The state after; null: a phase';
COMMENT ON COLUMN eclusa.job_events.attempt IS 'The attempt that did it';
COMMENT ON COLUMN eclusa.job_events.worker IS 'Host and process that did it';
COMMENT ON COLUMN eclusa.job_events.phase IS 'The phase that ended';
COMMENT ON COLUMN eclusa.job_events.duration IS 'How long the phase took, or the state before lasted';
COMMENT ON COLUMN eclusa.job_events.detail IS 'What else is worth knowing';

CREATE TABLE eclusa.files (
  job_id bigint NOT NULL REFERENCES eclusa.jobs ON DELETE CASCADE,
  ordinal integer NOT NULL,
  path text NOT NULL,
  format text NOT NULL,
  compression text NOT NULL,
  size bigint NOT NULL,
  mtime timestamptz NOT NULL,
  sha256 text CHECK (length(sha256) = 64),
  dialect jsonb NOT NULL DEFAULT '{}',
  read bigint,
  applied bigint,
  failed bigint,
  duplicate bigint,
  superseded bigint,
  waiting bigint,
  skipped bigint,
  PRIMARY KEY (job_id, ordinal),
  CONSTRAINT files_counts_all_or_none CHECK (
    num_nulls(applied, failed, duplicate, superseded, waiting, skipped) IN (0, 6)
    AND (applied IS NULL OR read IS NOT NULL)),
  CONSTRAINT files_counts_balance CHECK (
    read = applied + failed + duplicate + superseded + waiting + skipped)
);
COMMENT ON TABLE eclusa.files IS 'The files of each job, as they were when it read them';
COMMENT ON COLUMN eclusa.files.job_id IS 'The job';
COMMENT ON COLUMN eclusa.files.ordinal IS 'Position of the file in the load, from 0';
COMMENT ON COLUMN eclusa.files.path IS 'Where it was';
COMMENT ON COLUMN eclusa.files.format IS 'csv or parquet';
COMMENT ON COLUMN eclusa.files.compression IS 'none, gzip or zstd, of the file as a whole';
COMMENT ON COLUMN eclusa.files.size IS 'Bytes';
COMMENT ON COLUMN eclusa.files.mtime IS 'Its last change';
COMMENT ON COLUMN eclusa.files.sha256 IS 'SHA-256 of its bytes, hexadecimal; null: not known';
COMMENT ON COLUMN eclusa.files.dialect IS 'How the text was written, as found: delimiter, quote, encoding, header, line end';
COMMENT ON COLUMN eclusa.files.read IS 'Rows read; null: its end was not reached yet';
COMMENT ON COLUMN eclusa.files.applied IS 'Rows inserted, updated, unchanged or deleted; null: not known yet, as are the counts that follow';
COMMENT ON COLUMN eclusa.files.failed IS 'Rows with at least one reason';
COMMENT ON COLUMN eclusa.files.duplicate IS 'Rows whose key another row had and won';
COMMENT ON COLUMN eclusa.files.superseded IS 'Rows of which the target holds a newer version';
COMMENT ON COLUMN eclusa.files.waiting IS 'Rows parked until the row they refer to arrives';
COMMENT ON COLUMN eclusa.files.skipped IS 'Rows that were not judged';

CREATE TABLE eclusa.parts (
  job_id bigint NOT NULL REFERENCES eclusa.jobs ON DELETE CASCADE,
  part integer NOT NULL,
  file integer NOT NULL,
  attempt integer NOT NULL DEFAULT 1,
  state text NOT NULL DEFAULT 'LOADING' CHECK (state IN ('QUEUED', 'LOADING', 'STAGED')),
  rows_read bigint,
  rows_staged bigint,
  rows_failed bigint,
  staged_at timestamptz,
  PRIMARY KEY (job_id, part),
  CONSTRAINT parts_counts_balance CHECK (rows_read = rows_staged + rows_failed)
);
COMMENT ON TABLE eclusa.parts IS 'The parts that a job''s files are staged in';
COMMENT ON COLUMN eclusa.parts.job_id IS 'The job';
COMMENT ON COLUMN eclusa.parts.part IS 'Number of the part in the job';
COMMENT ON COLUMN eclusa.parts.file IS 'Ordinal of its file';
COMMENT ON COLUMN eclusa.parts.attempt IS 'Which attempt owns the part: the end of its COPY names it';
COMMENT ON COLUMN eclusa.parts.state IS 'QUEUED, LOADING or STAGED';
COMMENT ON COLUMN eclusa.parts.rows_read IS 'Rows read; null: not staged yet, as are the counts that follow';
COMMENT ON COLUMN eclusa.parts.rows_staged IS 'Rows that went to the stage table';
COMMENT ON COLUMN eclusa.parts.rows_failed IS 'Rows that failed before the stage';
COMMENT ON COLUMN eclusa.parts.staged_at IS 'When its COPY was complete';

CREATE TABLE eclusa.ledger (
  entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id bigint NOT NULL UNIQUE,
  attempt integer NOT NULL,
  target_schema text NOT NULL,
  target_table text NOT NULL,
  mode text NOT NULL,
  contract_digest text NOT NULL,
  file_sha256s text[] NOT NULL,
  committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  read bigint NOT NULL,
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
  CONSTRAINT ledger_balances CHECK (
    read = inserted + updated + unchanged + deleted + superseded + duplicate + waiting + failed
           + skipped)
);
CREATE INDEX ledger_target ON eclusa.ledger (target_schema, target_table, entry);
COMMENT ON TABLE eclusa.ledger IS 'One row for each load that was committed to its target, written in the same transaction';
COMMENT ON COLUMN eclusa.ledger.entry IS 'Order of the loads; those of one target were committed in this order';
COMMENT ON COLUMN eclusa.ledger.job_id IS 'The job';
COMMENT ON COLUMN eclusa.ledger.attempt IS 'The attempt that committed';
COMMENT ON COLUMN eclusa.ledger.target_schema IS 'Schema of the target table';
COMMENT ON COLUMN eclusa.ledger.target_table IS 'Name of the target table';
COMMENT ON COLUMN eclusa.ledger.mode IS 'upsert, insert, append, delete, mixed or replace';
COMMENT ON COLUMN eclusa.ledger.contract_digest IS 'SHA-256 of the contract, hexadecimal';
COMMENT ON COLUMN eclusa.ledger.file_sha256s IS 'SHA-256 of each file, in the order of the load';
COMMENT ON COLUMN eclusa.ledger.committed_at IS 'When the row was written, just before the commit';
COMMENT ON COLUMN eclusa.ledger.read IS 'Rows read';
COMMENT ON COLUMN eclusa.ledger.inserted IS 'Rows that the target did not have';
COMMENT ON COLUMN eclusa.ledger.updated IS 'Rows that changed one of the target';
COMMENT ON COLUMN eclusa.ledger.unchanged IS 'Rows that the target already held';
COMMENT ON COLUMN eclusa.ledger.deleted IS 'Rows that deleted one of the target';
COMMENT ON COLUMN eclusa.ledger.superseded IS 'Rows of which the target holds a newer version';
COMMENT ON COLUMN eclusa.ledger.duplicate IS 'Rows whose key another row of the load had and won';
COMMENT ON COLUMN eclusa.ledger.waiting IS 'Rows parked until the row they refer to arrives';
COMMENT ON COLUMN eclusa.ledger.failed IS 'Rows with at least one reason';
COMMENT ON COLUMN eclusa.ledger.skipped IS 'Rows that were not judged';
COMMENT ON COLUMN eclusa.ledger.removed IS 'Target rows that replace took away';
COMMENT ON COLUMN eclusa.ledger.cascaded IS 'Target rows that foreign keys took along';

CREATE SEQUENCE eclusa.failure_batch_numbers;
COMMENT ON SEQUENCE eclusa.failure_batch_numbers IS 'Numbers of failure_batches, across all jobs';

CREATE TABLE eclusa.failure_batches (
  job_id bigint NOT NULL,
  batch bigint NOT NULL,
  part integer,
  row_count integer NOT NULL,
  rows bytea NOT NULL,
  PRIMARY KEY (job_id, batch)
);
ALTER TABLE eclusa.failure_batches ALTER COLUMN rows SET STORAGE EXTERNAL;
COMMENT ON TABLE eclusa.failure_batches IS 'Failed rows as the reader gave them';
COMMENT ON COLUMN eclusa.failure_batches.job_id IS 'The job; no foreign key: the job may be forgotten first';
COMMENT ON COLUMN eclusa.failure_batches.batch IS 'Number of the batch';
COMMENT ON COLUMN eclusa.failure_batches.part IS 'The part whose COPY wrote it; null: written by the judge';
COMMENT ON COLUMN eclusa.failure_batches.row_count IS 'Rows in it';
COMMENT ON COLUMN eclusa.failure_batches.rows IS 'Arrow IPC stream of one record batch, buffers in zstd';

CREATE TABLE eclusa.failures (
  job_id bigint NOT NULL,
  file integer NOT NULL,
  row bigint NOT NULL,
  line bigint,
  byte_offset bigint,
  reasons jsonb NOT NULL CHECK (jsonb_typeof(reasons) = 'array' AND jsonb_array_length(reasons) > 0),
  codes text[] NOT NULL CHECK (cardinality(codes) > 0),
  first_code text NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed', 'waived')),
  closed_by bigint,
  closed_at timestamptz,
  waived_reason text,
  waived_by text,
  part integer,
  batch bigint NOT NULL,
  index_in_batch integer,
  raw bytea,
  PRIMARY KEY (job_id, file, row),
  CONSTRAINT failures_row_is_kept CHECK (
    (index_in_batch IS NULL) <> (raw IS NULL)),
  CONSTRAINT failures_state_is_told CHECK (
    (state = 'open') = (closed_at IS NULL) AND (state = 'closed') = (closed_by IS NOT NULL)
    AND (state = 'waived') = (waived_reason IS NOT NULL))
);
CREATE INDEX failures_open ON eclusa.failures (job_id, first_code) WHERE state = 'open';
COMMENT ON TABLE eclusa.failures IS 'Failed rows with all their reasons';
COMMENT ON COLUMN eclusa.failures.job_id IS 'The job; no foreign key: the job may be forgotten first';
COMMENT ON COLUMN eclusa.failures.file IS 'Ordinal of the file';
COMMENT ON COLUMN eclusa.failures.row IS 'Data row in the file, from 1';
COMMENT ON COLUMN eclusa.failures.line IS 'First line of the row in a text file, from 1';
COMMENT ON COLUMN eclusa.failures.byte_offset IS 'Of the row''s first byte, after decompression';
COMMENT ON COLUMN eclusa.failures.reasons IS 'All reasons: code, column, value, rule, message in English, arguments';
COMMENT ON COLUMN eclusa.failures.codes IS 'The reasons'' codes, each once';
COMMENT ON COLUMN eclusa.failures.first_code IS 'Code of the first reason';
COMMENT ON COLUMN eclusa.failures.state IS 'open, closed (by a later load of the fixed row) or waived (by hand)';
COMMENT ON COLUMN eclusa.failures.closed_by IS 'The job that loaded the fixed row';
COMMENT ON COLUMN eclusa.failures.closed_at IS 'When it was closed or waived';
COMMENT ON COLUMN eclusa.failures.waived_reason IS 'Why it was waived, as given';
COMMENT ON COLUMN eclusa.failures.waived_by IS 'The role that waived it';
COMMENT ON COLUMN eclusa.failures.part IS 'The part whose COPY wrote it; null: written by the judge';
COMMENT ON COLUMN eclusa.failures.batch IS 'Where the row is kept: eclusa.failure_batches; of a row in raw: whose columns it should have had';
COMMENT ON COLUMN eclusa.failures.index_in_batch IS 'Which row of that batch, from 0; null: the row is in raw';
COMMENT ON COLUMN eclusa.failures.raw IS 'Bytes of a row that could not be split into columns';

CREATE TABLE eclusa.resubmitted (
  job_id bigint NOT NULL,
  file integer NOT NULL,
  row bigint NOT NULL,
  parent_file integer NOT NULL,
  parent_row bigint NOT NULL,
  PRIMARY KEY (job_id, file, row)
);
COMMENT ON TABLE eclusa.resubmitted IS 'Which row of its parent each row of a resubmission was';
COMMENT ON COLUMN eclusa.resubmitted.job_id IS 'The child job';
COMMENT ON COLUMN eclusa.resubmitted.file IS 'Ordinal of the child''s file';
COMMENT ON COLUMN eclusa.resubmitted.row IS 'Data row in the child''s file, from 1';
COMMENT ON COLUMN eclusa.resubmitted.parent_file IS 'Ordinal of the parent''s file';
COMMENT ON COLUMN eclusa.resubmitted.parent_row IS 'Data row in the parent''s file';

CREATE TABLE eclusa.source_positions (
  name text PRIMARY KEY,
  position text NOT NULL,
  moved_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE eclusa.source_positions IS 'How far each named source was read, moved in the transaction of the load';
COMMENT ON COLUMN eclusa.source_positions.name IS 'Name of the source';
COMMENT ON COLUMN eclusa.source_positions.position IS 'Where it stands, in the source''s own words';
COMMENT ON COLUMN eclusa.source_positions.moved_at IS 'When it was moved last';

CREATE TABLE eclusa.warnings (
  job_id bigint NOT NULL REFERENCES eclusa.jobs ON DELETE CASCADE,
  file integer NOT NULL,
  counter text NOT NULL,
  count bigint NOT NULL CHECK (count > 0),
  PRIMARY KEY (job_id, file, counter)
);
COMMENT ON TABLE eclusa.warnings IS 'Breaches of rules that do not fail the row, counted';
COMMENT ON COLUMN eclusa.warnings.job_id IS 'The job';
COMMENT ON COLUMN eclusa.warnings.file IS 'Ordinal of the file';
COMMENT ON COLUMN eclusa.warnings.counter IS 'Name that the contract counts the rule under';
COMMENT ON COLUMN eclusa.warnings.count IS 'Rows that broke it';
