-- What a body sets for its use of a service: private to the body and to those who build the service.

create table reuse_parameters (
    reuse_id uuid not null references reuses (id),
    ordinal int not null check (ordinal > 0),
    version text not null,
    document text not null,
    recorded_at timestamptz not null,
    event_id uuid not null unique references events (id),
    primary key (reuse_id, ordinal)
);

-- The body itself and the builders of today; who stands above the body does not see what it sets. Runs as the
-- owner, since it asks tables that hide rows.
create function efa_sees_parameters(wanted uuid) returns boolean
language sql stable security definer cost 1000 set search_path = public as $$
    select efa_sees(false, r.organisation_id::text)
        or exists (
            select 1
            from services_in_force(legal_today(), null) f
            join service_builders b on b.slug = f.slug and b.revision = f.revision
            where f.slug = r.service
              and b.organisation_id::text = current_setting('efa.organisation', true))
    from reuses r where r.id = wanted
$$;

-- The documents set for a reuse as known in the first `known_size` events of the log (null: all), for those who
-- may see them; their events are not for everybody of these, hence the owner's rights.
create function reuse_parameters_known(wanted uuid, known_size bigint) returns setof reuse_parameters
language sql stable security definer set search_path = public as $$
    select p.*
    from reuse_parameters p
    where p.reuse_id = wanted and efa_sees_parameters(wanted) and is_known(p.event_id, known_size)
$$;

alter table reuse_parameters enable row level security;
alter table reuse_parameters force row level security;
create policy parameters_owner on reuse_parameters to efa_owner using (true) with check (true);
create policy parameters_read on reuse_parameters for select to efa_app, efa_reader
    using (efa_sees_parameters(reuse_id));
create policy parameters_add on reuse_parameters for insert to efa_app with check (true);

grant select, insert on reuse_parameters to efa_app;
grant select on reuse_parameters to efa_reader;
