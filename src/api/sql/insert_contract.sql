-- $1 dataset, $2 version, $3 path, $4 digest, $5 text, $6 who.
INSERT INTO eclusa.contracts (name, version, path, digest, body, published_by)
VALUES ($1, $2, $3, $4, $5, $6)
