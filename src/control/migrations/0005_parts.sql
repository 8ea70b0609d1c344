-- Parts of one job that several workers stage: each is claimed, fenced and tried again by itself. And
-- whose turn came last, for the next one.

CREATE SEQUENCE eclusa.part_claims;
COMMENT ON SEQUENCE eclusa.part_claims IS 'Numbers of claims of parts, across all jobs';
CREATE INDEX jobs_turns ON eclusa.jobs (tenant, started_at) WHERE queued;

ALTER TABLE eclusa.parts
  DROP CONSTRAINT parts_state_check,
  ADD CONSTRAINT parts_state_known CHECK (state IN ('QUEUED', 'LOADING', 'STAGED', 'FAILED')),
  ADD COLUMN place jsonb,
  ADD COLUMN worker_id bigint,
  ADD COLUMN claim bigint NOT NULL DEFAULT 0,
  ADD COLUMN ready_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ADD COLUMN found jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN error jsonb;
CREATE INDEX parts_ready ON eclusa.parts (job_id, part) WHERE state = 'QUEUED';
CREATE INDEX parts_loading ON eclusa.parts (worker_id) WHERE state = 'LOADING';
COMMENT ON COLUMN eclusa.parts.attempt IS
  'How often it was begun; from 0 again where the job''s next attempt cuts its files anew';
COMMENT ON COLUMN eclusa.parts.claim IS
  'Which claim owns the part, 0 before the first: the end of its COPY names it';
COMMENT ON COLUMN eclusa.parts.state IS
  'QUEUED, LOADING, STAGED, or FAILED where the job will fail with its error';
COMMENT ON COLUMN eclusa.parts.place IS
  'Where in its file it stands; null: the whole of it, staged by the worker of the job itself';
COMMENT ON COLUMN eclusa.parts.worker_id IS 'The worker that has or had it';
COMMENT ON COLUMN eclusa.parts.ready_at IS 'Not claimed before; later than now where a try failed';
COMMENT ON COLUMN eclusa.parts.found IS
  'What else staging found: warnings by counter, keys known of failed rows, whether one was not known';
COMMENT ON COLUMN eclusa.parts.error IS 'Why the last try failed: code and arguments';
