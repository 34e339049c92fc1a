-- Which events came late is found out when they get their numbers, and once more when a log is rebuilt: who records one
-- needs not ask. The last of the events before a batch that came in order is mostly the last one; it is looked for one by
-- one, by indexes whatever the plans were made for.
drop trigger events_late_rebuilt on events;

create or replace function log_keep_late() returns trigger
language plpgsql security definer set search_path = public set enable_seqscan = off as $$
declare
    before bigint;
    highest_before bigint;
begin
    select min(leaf_idx) - 1 into before from placed;
    if before is null then
        return null;
    end if;
    while exists (select from log_late l where l.leaf_idx = before) loop
        before := before - 1;
    end loop;
    select e.seq into highest_before from events e where e.leaf_idx = before;
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
