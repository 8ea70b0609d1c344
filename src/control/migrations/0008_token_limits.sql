-- Limits that a token has of its own.

ALTER TABLE eclusa.tokens
  ADD COLUMN requests_per_minute integer CHECK (requests_per_minute > 0),
  ADD COLUMN jobs_waiting_max integer CHECK (jobs_waiting_max > 0);
COMMENT ON COLUMN eclusa.tokens.requests_per_minute IS 'Requests of one minute; null: as the server is set up';
COMMENT ON COLUMN eclusa.tokens.jobs_waiting_max IS
  'Loads that it registered and that wait, at a time; null: no more than those of their tenant may';
