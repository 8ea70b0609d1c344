-- What became of the rows of each part, where a load was asked for in parts.

ALTER TABLE eclusa.parts ADD COLUMN rows_written bigint;
COMMENT ON COLUMN eclusa.parts.rows_written IS
  'Rows that the load has inserted or updated; null: not committed, or not told by part';
