-- What a body says of a step that another recorded for it: that it is right, or that it is not. The last word counts.
create table reuse_positions (
    step_id uuid not null references reuse_steps (id),
    ordinal int not null check (ordinal > 0),
    kind text not null check (kind in ('confirmed', 'disputed')),
    reason text,
    recorded_at timestamptz not null,
    recorded_by uuid not null references organisations (id),
    event_id uuid not null unique references events (id),
    primary key (step_id, ordinal),
    check ((kind = 'disputed') = (reason is not null))
);

-- Where each stands in the log; past row security, since not all who see a private step see its events.
create view reuse_position_ledger as
select p.step_id, p.ordinal, e.leaf_idx
from reuse_positions p join events e on e.id = p.event_id;

alter table reuse_positions enable row level security;
alter table reuse_positions force row level security;
create policy positions_owner on reuse_positions to efa_owner using (true) with check (true);
create policy positions_read on reuse_positions for select to efa_app, efa_reader
    using (exists (select 1 from reuse_steps s where s.id = step_id));
create policy positions_add on reuse_positions for insert to efa_app with check (true);

grant select, insert on reuse_positions to efa_app;
grant select on reuse_positions to efa_reader;
grant select on reuse_position_ledger to efa_app, efa_reader;

call efa_keep_history('reuse_positions');
