-- $1 the job's name for those outside.
SELECT j.id, j.uid, j.tenant, j.dataset,
       (SELECT c.path FROM eclusa.contracts c WHERE c.name = j.dataset ORDER BY c.version DESC LIMIT 1)
FROM eclusa.jobs j WHERE j.uid = $1
