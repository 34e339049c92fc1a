-- History is only added to. The role of the application has no right to change it; these triggers refuse its owner
-- too, so that a slip of the hand changes nothing. Whoever means it (erasing what a person may have erased, emptying a
-- test database) says so in the transaction: set local efa.history = 'open'. The hash tree tells of it nevertheless.

create function efa_refuse_change() returns trigger language plpgsql as $$
begin
    if current_setting('efa.history', true) = 'open' then
        if tg_op = 'DELETE' then
            return old;
        elsif tg_op = 'UPDATE' then
            return new;
        end if;
        return null;
    end if;
    raise exception 'history is never changed: % on %', lower(tg_op), tg_table_name
        using errcode = 'restrict_violation';
end
$$;

-- Later migrations call this for each history table they make.
create procedure efa_keep_history(kept regclass) language plpgsql as $$
begin
    execute format(
        'create trigger history_row before update or delete on %s for each row execute function efa_refuse_change()',
        kept);
    execute format(
        'create trigger history_whole before truncate on %s for each statement execute function efa_refuse_change()',
        kept);
end
$$;
revoke execute on procedure efa_keep_history(regclass) from public;

-- History is what the application may add to and read, and neither change nor delete; and what only the sequencer adds.
do $$
declare
    kept regclass;
begin
    for kept in
        select c.oid::regclass from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
          and c.relname <> 'events'
          and (has_table_privilege('efa_app', c.oid, 'insert') or c.relname in
               ('checkpoints', 'log_tiles', 'log_heads', 'log_origins'))
          and not has_table_privilege('efa_app', c.oid, 'update')
          and not has_table_privilege('efa_app', c.oid, 'delete')
    loop
        call efa_keep_history(kept);
    end loop;
end
$$;

-- An event gets its number once; all else of it stays.
create trigger history_row before delete or update of
    id, seq, action, subject, organisation, on_behalf_of, public, batch, recorded_at, leaf on events
    for each row execute function efa_refuse_change();
create trigger history_number before update of leaf_idx on events for each row
    when (old.leaf_idx is not null or new.leaf_idx is null) execute function efa_refuse_change();
create trigger history_whole before truncate on events
    for each statement execute function efa_refuse_change();
