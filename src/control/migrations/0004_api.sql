-- The bulk API: who may do what, what can be loaded, what was uploaded, what was answered.

CREATE TABLE eclusa.tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  hash text NOT NULL UNIQUE CHECK (length(hash) = 64),
  role text NOT NULL CHECK (role IN ('read', 'submit', 'admin')),
  tenants text[],
  datasets text[],
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by text NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz
);
COMMENT ON TABLE eclusa.tokens IS 'Bearer tokens of the API; the token itself is kept nowhere';
COMMENT ON COLUMN eclusa.tokens.id IS 'Its number';
COMMENT ON COLUMN eclusa.tokens.name IS 'Who has it, for people';
COMMENT ON COLUMN eclusa.tokens.hash IS 'SHA-256 of the token, hexadecimal';
COMMENT ON COLUMN eclusa.tokens.role IS 'read: status and failures; submit: loads too; admin: all';
COMMENT ON COLUMN eclusa.tokens.tenants IS 'Tenants that it may speak for; null: all';
COMMENT ON COLUMN eclusa.tokens.datasets IS 'Datasets that it may load and see; null: all';
COMMENT ON COLUMN eclusa.tokens.created_at IS 'When it was made';
COMMENT ON COLUMN eclusa.tokens.created_by IS 'Host and process that made it';
COMMENT ON COLUMN eclusa.tokens.expires_at IS 'Not good from then on; null: for ever';
COMMENT ON COLUMN eclusa.tokens.revoked_at IS 'When it was taken back';

CREATE TABLE eclusa.contracts (
  name text NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  path text NOT NULL CHECK (path LIKE '/%'),
  digest text NOT NULL CHECK (length(digest) = 64),
  body text NOT NULL,
  published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  published_by text NOT NULL,
  PRIMARY KEY (name, version)
);
CREATE INDEX contracts_path ON eclusa.contracts (path, version);
COMMENT ON TABLE eclusa.contracts IS 'Datasets that can be loaded: every version of every contract published';
COMMENT ON COLUMN eclusa.contracts.name IS 'Name of the dataset';
COMMENT ON COLUMN eclusa.contracts.version IS 'Number of the publication, from 1; the last one counts';
COMMENT ON COLUMN eclusa.contracts.path IS 'Path of the dataset in the API';
COMMENT ON COLUMN eclusa.contracts.digest IS 'SHA-256 of the contract, as of the jobs that ran with it';
COMMENT ON COLUMN eclusa.contracts.body IS 'The contract, YAML';
COMMENT ON COLUMN eclusa.contracts.published_at IS 'When';
COMMENT ON COLUMN eclusa.contracts.published_by IS 'By whom';

CREATE TABLE eclusa.uploads (
  id uuid PRIMARY KEY DEFAULT encode(
    set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
                            PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                            FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid,
  tenant text NOT NULL,
  dataset text NOT NULL,
  file_name text NOT NULL,
  object text NOT NULL UNIQUE,
  upload_id text NOT NULL DEFAULT '',
  parts integer NOT NULL CHECK (parts >= 1),
  size bigint,
  max_size bigint NOT NULL,
  sha256 text NOT NULL DEFAULT '',
  content_type text NOT NULL DEFAULT '',
  token_id bigint,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  version text,
  registered_at timestamptz
);
CREATE INDEX uploads_open ON eclusa.uploads (expires_at) WHERE registered_at IS NULL;
COMMENT ON TABLE eclusa.uploads IS 'Where clients were told to send files, and what they sent';
COMMENT ON COLUMN eclusa.uploads.id IS 'Its name for those outside';
COMMENT ON COLUMN eclusa.uploads.tenant IS 'Whose it is';
COMMENT ON COLUMN eclusa.uploads.dataset IS 'Name of the dataset';
COMMENT ON COLUMN eclusa.uploads.file_name IS 'What the client calls the file';
COMMENT ON COLUMN eclusa.uploads.object IS 'The object in the store';
COMMENT ON COLUMN eclusa.uploads.upload_id IS 'The store''s name for an upload in parts; empty: in one';
COMMENT ON COLUMN eclusa.uploads.parts IS 'In how many requests it comes';
COMMENT ON COLUMN eclusa.uploads.size IS 'Bytes, as claimed and signed; null: not claimed';
COMMENT ON COLUMN eclusa.uploads.max_size IS 'Bytes at most';
COMMENT ON COLUMN eclusa.uploads.sha256 IS 'SHA-256 as claimed and signed; empty: not claimed';
COMMENT ON COLUMN eclusa.uploads.content_type IS 'As claimed and signed; empty: any';
COMMENT ON COLUMN eclusa.uploads.token_id IS 'The token that asked for it; null: a JWT';
COMMENT ON COLUMN eclusa.uploads.created_at IS 'When it was asked for';
COMMENT ON COLUMN eclusa.uploads.expires_at IS 'Its URLs are good until then; never registered, it is swept later';
COMMENT ON COLUMN eclusa.uploads.version IS 'Of the object, as it was registered: no other is read';
COMMENT ON COLUMN eclusa.uploads.registered_at IS 'When the first load of it was registered; null: never yet';

CREATE TABLE eclusa.idempotency_keys (
  caller text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL CHECK (length(fingerprint) = 64),
  status integer NOT NULL,
  headers jsonb NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_age ON eclusa.idempotency_keys (created_at);
COMMENT ON TABLE eclusa.idempotency_keys IS 'Answers to requests that carried an Idempotency-Key';
COMMENT ON COLUMN eclusa.idempotency_keys.caller IS 'Whose key: token:NUMBER, or jwt: with issuer and subject';
COMMENT ON COLUMN eclusa.idempotency_keys.key IS 'The key as it was sent';
COMMENT ON COLUMN eclusa.idempotency_keys.fingerprint IS 'SHA-256 of method, path and body';
COMMENT ON COLUMN eclusa.idempotency_keys.status IS 'Of the answer';
COMMENT ON COLUMN eclusa.idempotency_keys.headers IS 'Of the answer';
COMMENT ON COLUMN eclusa.idempotency_keys.body IS 'Of the answer';
COMMENT ON COLUMN eclusa.idempotency_keys.created_at IS 'When it was answered';

CREATE TABLE eclusa.audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor text NOT NULL,
  action text NOT NULL,
  job_id bigint,
  tenant text NOT NULL DEFAULT '',
  detail jsonb NOT NULL DEFAULT '{}',
  peer text NOT NULL,
  trace_id text NOT NULL
);
CREATE INDEX audit_job ON eclusa.audit (job_id) WHERE job_id IS NOT NULL;
COMMENT ON TABLE eclusa.audit IS 'Who did what to which job through the API';
COMMENT ON COLUMN eclusa.audit.id IS 'Order';
COMMENT ON COLUMN eclusa.audit.at IS 'When';
COMMENT ON COLUMN eclusa.audit.actor IS 'The token''s name, or the subject of a JWT';
COMMENT ON COLUMN eclusa.audit.action IS 'The operation, as in the OpenAPI file';
COMMENT ON COLUMN eclusa.audit.job_id IS 'To which job; null: to none';
COMMENT ON COLUMN eclusa.audit.tenant IS 'For which tenant';
COMMENT ON COLUMN eclusa.audit.detail IS 'What else is worth knowing; never a row''s content';
COMMENT ON COLUMN eclusa.audit.peer IS 'Address of the client';
COMMENT ON COLUMN eclusa.audit.trace_id IS 'Of the request';
