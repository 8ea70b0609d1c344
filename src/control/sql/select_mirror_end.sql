-- $1 the mirror. Its state, its parent, and its row without what is as long as the load.
SELECT state, parent_id, to_jsonb(j) - 'contract' - 'options' FROM eclusa.jobs j WHERE id = $1
