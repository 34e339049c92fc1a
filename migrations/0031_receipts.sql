-- The number of an event in the log, for who knows its id: the leaf itself shows both to everybody. Run as the owner,
-- past the row security of private events.
create function log_index_of(event uuid) returns bigint
language sql stable security definer set search_path = public as $$
    select e.leaf_idx from public.events e where e.id = event
$$;
revoke execute on function log_index_of(uuid) from public;
grant execute on function log_index_of(uuid) to efa_app, efa_reader;
