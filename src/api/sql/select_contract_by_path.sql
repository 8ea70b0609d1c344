-- $1 path. The last version of the dataset that has it now.
SELECT c.name, c.version, c.path, c.digest, c.body
FROM eclusa.contracts c
WHERE c.path = $1
  AND NOT EXISTS (SELECT FROM eclusa.contracts n WHERE n.name = c.name AND n.version > c.version)
