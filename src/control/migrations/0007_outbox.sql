-- The outbox: what a broker is to tell workers, written in the transaction that makes it true.

-- No foreign key: its check would wait for the job's row.
CREATE TABLE eclusa.outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id bigint NOT NULL,
  part integer,
  ready_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX outbox_due ON eclusa.outbox (ready_at, id);
COMMENT ON TABLE eclusa.outbox IS
  'Hints for workers that wait to be sent through a broker; sending deletes the row';
COMMENT ON COLUMN eclusa.outbox.id IS 'Order of arrival';
COMMENT ON COLUMN eclusa.outbox.job_id IS 'The job that is ready, or whose part is';
COMMENT ON COLUMN eclusa.outbox.part IS 'The part that is ready; null: the job itself';
COMMENT ON COLUMN eclusa.outbox.ready_at IS 'Not sent before; later than its arrival where a try failed';

-- Whoever makes a job or a part ready need not know whether there is a broker: it asks this row.
CREATE TABLE eclusa.publishing (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  wanted_until timestamptz NOT NULL
) WITH (fillfactor = 50);
INSERT INTO eclusa.publishing (wanted_until) VALUES ('-infinity');
COMMENT ON TABLE eclusa.publishing IS 'Whether rows of the outbox are wanted; one row';
COMMENT ON COLUMN eclusa.publishing.one IS 'Always true';
COMMENT ON COLUMN eclusa.publishing.wanted_until IS
  'Until when somebody sends them, as the publisher says again and again; past it none are written';
