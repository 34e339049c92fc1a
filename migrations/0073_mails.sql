-- Subscriptions by mail: one mail a day to each address of a body, after the address was confirmed.

alter table subscriptions add column mail text check (mail is null or url is null);

-- When an address is to be looked at next, and when its next daily mail is due; whoever sends holds the row for a while.
create table mail_states (
    organisation_id uuid not null,
    mail text not null,
    next_at timestamptz not null default now(),
    digest_at timestamptz not null default 'infinity',
    leased_until timestamptz not null default '-infinity',
    primary key (organisation_id, mail)
);

create index mail_states_due on mail_states (next_at) where next_at < 'infinity';

-- How many days before a sunset an address was reminded of it.
create table mail_reminders (
    organisation_id uuid not null,
    mail text not null,
    service text not null,
    version text not null,
    sunset date not null,
    days int not null,
    sent_at timestamptz not null default now(),
    primary key (organisation_id, mail, service, version, sunset, days)
);

do $$
declare
    private text;
begin
    foreach private in array array['mail_states', 'mail_reminders'] loop
        execute format('alter table %I enable row level security', private);
        execute format('alter table %I force row level security', private);
        execute format('create policy %I on %I to efa_owner using (true) with check (true)', private || '_owner', private);
        execute format('create policy %I on %I for select to efa_app using ('
                       || 'current_setting(''efa.sees_all'', true) = ''yes'''
                       || ' or efa_sees_subscriptions(organisation_id))', private || '_read', private);
        execute format('create policy %I on %I for insert to efa_app with check (true)', private || '_add', private);
    end loop;
end
$$;
create policy mail_states_change on mail_states for update to efa_app using (true);

grant select, insert, update on mail_states to efa_app;
grant select, insert on mail_reminders to efa_app;

-- Whether any address is to be looked at: a public sign, as `deliveries_are_due`.
create function mails_are_due() returns boolean
language sql stable security definer set search_path = public as $$
    select exists (select 1 from mail_states m where m.next_at <= now() and m.leased_until <= now())
$$;
