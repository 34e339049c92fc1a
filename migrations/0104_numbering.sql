-- As before, by plans that do not depend on how large the tables were when they were made: the last of the events before
-- that is in order is looked for from its end, a stretch at a time, and writers, whose events have no number yet, leave at
-- once.
create or replace function log_keep_late() returns trigger
language plpgsql security definer set search_path = public as $$
declare
    at bigint;
    highest_before bigint;
begin
    select min(leaf_idx) into at from placed;
    while at > 0 and highest_before is null loop
        select e.seq into highest_before
        from events e
        where e.leaf_idx >= at - 4096 and e.leaf_idx < at
          and e.leaf_idx not in (
              select l.leaf_idx from log_late l where l.leaf_idx >= at - 4096 and l.leaf_idx < at)
        order by e.leaf_idx desc limit 1;
        at := at - 4096;
    end loop;
    if at is null then
        return null;
    end if;
    insert into log_late (leaf_idx, seq)
    select o.leaf_idx, o.seq
    from (
        select n.leaf_idx, n.seq, max(n.seq) over (order by n.leaf_idx) as highest
        from placed n where n.leaf_idx is not null
    ) o
    where o.seq < greatest(o.highest, highest_before);
    return null;
end
$$;

-- What the next batch of the log begins with: its first number, the size it was sealed at before, and the instant of its
-- seal, after all instants for which an answer was given and after all seals before.
create function log_next(out first bigint, out before bigint, out sealed_at timestamptz)
language sql volatile as $$
    select (select coalesce(max(e.leaf_idx) + 1, 0) from events e),
           (select coalesce(max(c.size), 0) from checkpoints c),
           greatest(clock_timestamp(), l.sealed_until + interval '1 microsecond',
                    (select max(c.sealed_at) + interval '1 microsecond' from checkpoints c))
    from log_clock l
$$;
revoke execute on function log_next() from public;
grant execute on function log_next() to efa_sequencer;
