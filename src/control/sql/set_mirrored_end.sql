-- $1 job, $2 the row of its mirror that has ended, as JSON.
WITH left_alone AS (
  DELETE FROM eclusa.running WHERE job_id = $1)
UPDATE eclusa.jobs j
SET error = m.error, failures_removed_at = m.failures_removed_at,
    report = m.report || jsonb_build_object('job_id', j.id)
                      || CASE WHEN j.parent_id IS NULL THEN '{}'::jsonb
                              ELSE jsonb_build_object('parent_job_id', j.parent_id) END,
    read = m.read, inserted = m.inserted, updated = m.updated, unchanged = m.unchanged,
    deleted = m.deleted, superseded = m.superseded, duplicate = m.duplicate, waiting = m.waiting,
    failed = m.failed, skipped = m.skipped, removed = m.removed, cascaded = m.cascaded
FROM jsonb_populate_record(NULL::eclusa.jobs, $2::jsonb) m
WHERE j.id = $1
