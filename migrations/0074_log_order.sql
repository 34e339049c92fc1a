-- Which events are among the first of the log, told by their sequence numbers, which rows know as they are written; their
-- places in the log they learn later. Events get their places in the order of these numbers, but for those of
-- transactions that ended after one that began later. These are kept apart: mostly there are none.

-- Events with a smaller sequence number than one before them in the log.
create table log_late (
    leaf_idx bigint primary key,
    seq bigint not null
);

create function log_keep_late() returns trigger
language plpgsql security definer set search_path = public as $$
begin
    insert into log_late (leaf_idx, seq)
    select o.leaf_idx, o.seq
    from (
        select n.leaf_idx, n.seq, max(n.seq) over (order by n.leaf_idx) as highest,
               min(n.leaf_idx) over () as first
        from placed n where n.leaf_idx is not null
    ) o
    left join lateral (
        select e.seq from events e
        where e.leaf_idx < o.first
          and not exists (select from log_late l where l.leaf_idx = e.leaf_idx)
        order by e.leaf_idx desc limit 1
    ) b on true
    where o.seq < greatest(o.highest, b.seq);
    return null;
end
$$;

create trigger events_late_placed after update on events
referencing new table as placed for each statement execute function log_keep_late();
create trigger events_late_rebuilt after insert on events
referencing new table as placed for each statement execute function log_keep_late();

insert into log_late (leaf_idx, seq)
select o.leaf_idx, o.seq
from (select e.leaf_idx, e.seq, max(e.seq) over (order by e.leaf_idx) as highest
      from events e where e.leaf_idx is not null) o
where o.seq < o.highest;

-- The greatest sequence number among the first events of the log; null for none.
create function log_last_seq(known_size bigint) returns bigint
language sql stable security definer set search_path = public as $$
    select e.seq from events e
    where e.leaf_idx < known_size and not exists (select from log_late l where l.leaf_idx = e.leaf_idx)
    order by e.leaf_idx desc limit 1
$$;

-- The smaller ones that are not among them: of events that are later in the log, or wait for their place.
create function log_late_seqs(known_size bigint) returns setof bigint
language sql stable security definer set search_path = public rows 1 as $$
    select l.seq from log_late l where l.leaf_idx >= known_size and l.seq < log_last_seq(known_size)
    union all
    select e.seq from events e where e.leaf_idx is null and e.seq < log_last_seq(known_size)
$$;

grant select on log_late to efa_app, efa_reader, efa_sequencer;
