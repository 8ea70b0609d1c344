-- $1 dataset, $2 path: its last version or 0, that one's digest, another dataset that has the path.
SELECT coalesce(max(c.version), 0),
       (SELECT l.digest FROM eclusa.contracts l WHERE l.name = $1 ORDER BY l.version DESC LIMIT 1),
       (SELECT o.name FROM (SELECT DISTINCT ON (name) name, path FROM eclusa.contracts
                            ORDER BY name, version DESC) o
        WHERE o.path = $2 AND o.name <> $1)
FROM eclusa.contracts c WHERE c.name = $1
