-- $1 milliseconds: due so long ago and still not sent.
DELETE FROM eclusa.outbox WHERE ready_at < clock_timestamp() - $1::bigint * interval '1 ms'
