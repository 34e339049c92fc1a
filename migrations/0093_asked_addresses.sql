-- When addresses were asked within the last day whether they want mails, the newest first: for a body or by who acts
-- now, and this address by any body, in whatever spelling. Nobody learns which bodies asked.
create function mail_questions(body uuid, asking text, address text, out of_body timestamptz[], out of_address timestamptz[])
language sql stable security definer set search_path = public as $$
    with asked as (
        select s.recorded_at, s.mail, s.organisation_id, e.organisation as asked_by
        from subscriptions s join events e on e.id = s.event_id
        where s.mail is not null and s.recorded_at > now() - interval '1 day'
    )
    select array(select a.recorded_at from asked a where body = a.organisation_id or asking = a.asked_by
                 order by a.recorded_at desc),
           array(select a.recorded_at from asked a where lower(a.mail) = lower(address) order by a.recorded_at desc)
$$;
revoke execute on function mail_questions(uuid, text, text) from public;
grant execute on function mail_questions(uuid, text, text) to efa_app;

create index subscriptions_asked on subscriptions (recorded_at) where mail is not null;
