-- The last version of every dataset.
SELECT DISTINCT ON (name) name, path, version,
       to_char(published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM eclusa.contracts ORDER BY name, version DESC
