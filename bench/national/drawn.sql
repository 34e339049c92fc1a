-- Chance that stays the same: a number in [0, 1) for a place and a purpose, an id for a name. Called stable and
-- not immutable, as the setting they read is, so that statements take them in.

create function bench_draw(place bigint, purpose bigint) returns double precision
language sql stable parallel safe as $$
    select (hashint8extended(place, purpose * 1000003 + current_setting('bench.seed')::bigint)
            & 9007199254740991)::double precision / 9007199254740992
$$;

create function bench_id(kind text, place bigint) returns uuid
language sql stable parallel safe as $$
    select md5(current_setting('bench.seed') || '/' || kind || '/' || place)::uuid
$$;

-- A canonical (RFC 8785) value for a text without anything to escape, or null.
create function bench_json(value text) returns text
language sql immutable parallel safe as $$ select coalesce('"' || value || '"', 'null') $$;

create function bench_instant(moment timestamptz) returns text
language sql stable parallel safe as $$
    select to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
           || case when extract(microseconds from moment)::bigint % 1000000 = 0 then ''
                   else to_char(moment at time zone 'UTC', '.US') end || '+00:00'
$$;
