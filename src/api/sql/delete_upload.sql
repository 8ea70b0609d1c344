-- $1 upload, whose object is gone.
DELETE FROM eclusa.uploads WHERE id = $1
