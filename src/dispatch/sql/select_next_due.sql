-- Milliseconds until the next is due; null: there is none.
SELECT ceil(extract(epoch FROM min(ready_at) - clock_timestamp()) * 1000)::bigint FROM eclusa.outbox
