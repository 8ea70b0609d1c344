-- $1 the job's name for those outside. The job and its parts as the splitter's document needs them.
SELECT j.id, j.uid, j.tenant, j.dataset, j.state, j.error, j.contract,
       (SELECT json_agg(json_build_object(
                 'part', p.part, 'state', p.state, 'rows', p.rows_read, 'written', p.rows_written,
                 'error', p.error,
                 'warnings', coalesce(p.found -> 'warnings',
                                      (SELECT jsonb_object_agg(w.counter, w.count) FROM eclusa.warnings w
                                       WHERE w.job_id = j.id AND w.file = p.file), '{}'))
               ORDER BY p.part)
        FROM eclusa.parts p WHERE p.job_id = j.id) AS parts,
       CASE WHEN j.finished_at IS NOT NULL THEN
         concat_ws(' ', j.xmin,
                   (SELECT concat_ws(' ', c.xmin, c.version) FROM eclusa.contracts c
                    WHERE c.name = j.dataset ORDER BY c.version DESC LIMIT 1)) END AS stamp
FROM eclusa.jobs j WHERE j.uid = $1
