-- For a minute more, unless that was said a moment ago.
UPDATE eclusa.publishing SET wanted_until = clock_timestamp() + interval '60 s'
WHERE wanted_until < clock_timestamp() + interval '45 s'
