-- $1 dataset. Its last version.
SELECT name, version, path, digest, body FROM eclusa.contracts
WHERE name = $1 ORDER BY version DESC LIMIT 1
