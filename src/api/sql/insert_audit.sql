-- $1 who, $2 what, $3 job, $4 tenant, $5 detail, $6 peer, $7 trace.
INSERT INTO eclusa.audit (actor, action, job_id, tenant, detail, peer, trace_id)
VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7)
