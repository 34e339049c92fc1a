-- Attempts of known callers that were refused: not part of the log of changes, and kept for some time only. At most
-- one row for each token, code and minute. The token is all zeros where the caller came without one.
create table security_log (
    minute timestamptz not null,
    organisation_id uuid not null references organisations (id),
    token_id uuid not null,
    code text collate "C" not null,
    attempts int not null check (attempts > 0),
    method text not null,
    route text not null,
    address inet,
    primary key (minute, organisation_id, token_id, code)
);

create index security_log_organisation on security_log (organisation_id, minute);

-- For the body concerned, and for auditors within their reach.
alter table security_log enable row level security;
alter table security_log force row level security;
create policy security_owner on security_log to efa_owner using (true) with check (true);
create policy security_read on security_log for select to efa_app
    using (efa_sees(false, organisation_id::text) or efa_audits(null, organisation_id));
create policy security_add on security_log for insert to efa_app with check (true);
create policy security_change on security_log for update to efa_app using (true);
create policy security_forget on security_log for delete to efa_app using (true);

grant select, insert, update, delete on security_log to efa_app;
