-- Whoever asks without a token sees what is public, and nothing more: for them it is not asked step by step whether
-- they see a private one, which took most of the time of every question about the past.

create function efa_sees_more() returns boolean
language sql stable as $$
    select coalesce(current_setting('efa.organisation', true), '') <> ''
        or coalesce(current_setting('efa.sees_all', true), '') = 'yes'
$$;

alter policy steps_read on reuse_steps
    using (public or (efa_sees_more() and efa_sees_reuse(reuse_id)));
alter policy notes_read on reuse_notes
    using (public or (efa_sees_more() and efa_sees_reuse(reuse_id)));
alter policy reuses_read on reuses
    using (exists (select 1 from reuse_steps s where s.reuse_id = reuses.id and s.public)
           or exists (select 1 from reuse_notes n where n.reuse_id = reuses.id and n.public)
           or (efa_sees_more() and efa_sees_reuse(id)));
