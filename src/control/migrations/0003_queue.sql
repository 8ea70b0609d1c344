-- The queue: jobs that wait for a worker, workers with their leases, what each works on.

ALTER TABLE eclusa.jobs
  DROP CONSTRAINT jobs_attempt_check,
  ADD CONSTRAINT jobs_attempt_known CHECK (attempt >= 0),
  -- UUID version 7 (RFC 9562): milliseconds since 1970, then random bits.
  ADD COLUMN uid uuid NOT NULL DEFAULT encode(
    set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
                            PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                            FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid,
  ADD COLUMN tenant text NOT NULL DEFAULT '',
  ADD COLUMN priority smallint NOT NULL DEFAULT 0,
  ADD COLUMN queued boolean NOT NULL DEFAULT false,
  ADD COLUMN failures_removed_at timestamptz;
CREATE INDEX jobs_kept ON eclusa.jobs (finished_at) WHERE failures_removed_at IS NULL;
CREATE UNIQUE INDEX jobs_uid ON eclusa.jobs (uid);
COMMENT ON COLUMN eclusa.jobs.attempt IS
  'Which attempt owns the job, 0 before the first: every write of a worker names it';
COMMENT ON COLUMN eclusa.jobs.uid IS 'The job''s name for those outside';
COMMENT ON COLUMN eclusa.jobs.tenant IS 'Whose job it is: turns are fair between tenants';
COMMENT ON COLUMN eclusa.jobs.priority IS 'Within its tenant the higher goes first';
COMMENT ON COLUMN eclusa.jobs.queued IS
  'True: it went through the queue, and is alive by its worker''s lease; false: by a session''s lock';
COMMENT ON COLUMN eclusa.jobs.failures_removed_at IS
  'When its failed rows were deleted, their time being over; null: they are kept';
COMMENT ON COLUMN eclusa.job_events.from_state IS 'The state before; null: a phase, or a new job';

CREATE TABLE eclusa.queue (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id bigint NOT NULL UNIQUE REFERENCES eclusa.jobs ON DELETE CASCADE,
  tenant text NOT NULL,
  priority smallint NOT NULL,
  tries smallint NOT NULL DEFAULT 0 CHECK (tries >= 0),
  ready_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX queue_turns ON eclusa.queue (tenant, priority DESC, id);
COMMENT ON TABLE eclusa.queue IS 'Jobs that wait for a worker; a claim deletes the row';
COMMENT ON COLUMN eclusa.queue.id IS 'Order of arrival';
COMMENT ON COLUMN eclusa.queue.job_id IS 'The job';
COMMENT ON COLUMN eclusa.queue.tenant IS 'As the job''s';
COMMENT ON COLUMN eclusa.queue.priority IS 'As the job''s';
COMMENT ON COLUMN eclusa.queue.tries IS 'How often it was begun and came to nothing';
COMMENT ON COLUMN eclusa.queue.ready_at IS 'Not before; later than its arrival where a try failed';

CREATE TABLE eclusa.workers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  slots integer NOT NULL CHECK (slots >= 1),
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  lease_until timestamptz NOT NULL
) WITH (fillfactor = 30);
COMMENT ON TABLE eclusa.workers IS 'Processes that work, alive while their lease lasts';
COMMENT ON COLUMN eclusa.workers.id IS 'Its sessions are called "eclusa worker <id>"';
COMMENT ON COLUMN eclusa.workers.name IS 'Host and process';
COMMENT ON COLUMN eclusa.workers.slots IS 'How many jobs it works on at a time';
COMMENT ON COLUMN eclusa.workers.started_at IS 'When it began';
COMMENT ON COLUMN eclusa.workers.lease_until IS
  'End of the lease by this database''s clock; past it what it works on is given to others';

CREATE TABLE eclusa.running (
  job_id bigint PRIMARY KEY REFERENCES eclusa.jobs ON DELETE CASCADE,
  worker_id bigint NOT NULL,
  attempt integer NOT NULL,
  tenant text NOT NULL,
  tries smallint NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  progress jsonb
) WITH (fillfactor = 50);
COMMENT ON TABLE eclusa.running IS 'Which worker works on which job';
COMMENT ON COLUMN eclusa.running.job_id IS 'The job';
COMMENT ON COLUMN eclusa.running.worker_id IS 'The worker';
COMMENT ON COLUMN eclusa.running.attempt IS 'The attempt: the job''s fence';
COMMENT ON COLUMN eclusa.running.tenant IS 'As the job''s';
COMMENT ON COLUMN eclusa.running.tries IS 'How often it was begun before and came to nothing';
COMMENT ON COLUMN eclusa.running.claimed_at IS 'When this attempt began';
COMMENT ON COLUMN eclusa.running.progress IS
  'How far it is, as its worker said when it last renewed its lease: phase, rows, failed, bytes, bytes_total';

-- No foreign key: its check would wait for the job's row.
CREATE TABLE eclusa.cancel_requests (
  job_id bigint PRIMARY KEY,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE eclusa.cancel_requests IS
  'Who asked for which job to stop; its worker looks here, and nobody waits for the job''s row';
COMMENT ON COLUMN eclusa.cancel_requests.job_id IS 'The job';
COMMENT ON COLUMN eclusa.cancel_requests.requested_by IS 'Who asked';
COMMENT ON COLUMN eclusa.cancel_requests.requested_at IS 'When';
