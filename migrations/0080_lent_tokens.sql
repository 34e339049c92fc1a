-- A token that a delegate asked for acts in the place of its body: events name both, as they do when the delegate
-- acts by a token of its own. `efa.acting` is the delegate; the body it stands for stays in `efa.organisation`.
create function efa_acts(row_organisation text) returns boolean
language sql stable as $$
    select row_organisation = coalesce(nullif(current_setting('efa.acting', true), ''),
                                       current_setting('efa.organisation', true))
$$;

-- Whether an event was recorded in the place of the body that asks. Runs as the owner, so that it is one look-up and
-- made only for rows that nothing else shows.
create function efa_done_for_me(event uuid) returns boolean
language sql stable security definer cost 1000 set search_path = public as $$
    select coalesce(current_setting('efa.organisation', true), '') <> ''
       and exists (select 1 from events e
                   where e.id = event and e.on_behalf_of = current_setting('efa.organisation', true))
$$;

drop policy events_app_adds on events;
create policy events_app_adds on events for insert to efa_app
    with check (efa_acts(organisation) and leaf_idx is null);
drop policy events_app_reads on events;
create policy events_app_reads on events for select to efa_app, efa_reader
    using (efa_sees(public, organisation) or on_behalf_of = nullif(current_setting('efa.organisation', true), ''));

drop policy facts_app_adds on event_facts;
create policy facts_app_adds on event_facts for insert to efa_app with check (efa_acts(organisation));
drop policy facts_app_reads on event_facts;
create policy facts_app_reads on event_facts for select to efa_app, efa_reader
    using (efa_sees(public, organisation) or efa_done_for_me(event_id));
