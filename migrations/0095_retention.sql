-- What only serves the running is forgotten after a while, by the application: what was sent and how it went, addresses
-- that nothing is sent to any more, of which ends they were reminded, when tokens that ended were last used. What told a
-- body that a version ends stays: by that a builder knows who was told.

create index deliveries_settled on deliveries (created_at) where state not in ('pending', 'late');

do $$
declare
    one text;
begin
    foreach one in array array['deliveries', 'delivery_attempts', 'mail_states', 'mail_reminders', 'token_uses'] loop
        execute format('create policy %I on %I for delete to efa_app using (true)', one || '_forget', one);
        execute format('grant delete on %I to efa_app', one);
    end loop;
end
$$;
