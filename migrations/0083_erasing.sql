-- Takes out what events wrote: their facts with the salt, and their rows in every table of the history. The events and
-- their leaves stay, so the log keeps its root. Refused where rows of other events rest on them. For the owner, who says
-- `set local efa.history = 'open'` first.

create function efa_erase(erased uuid[]) returns void language plpgsql as $$
declare
    waiting regclass[] := array(
        select c.oid::regclass from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'event_id' and not a.attisdropped
        join pg_trigger t on t.tgrelid = c.oid and t.tgname = 'history_row'
        where c.relnamespace = 'public'::regnamespace and not c.relispartition
        order by c.relname);
    kept regclass[];
    one regclass;
begin
    loop
        kept := '{}';
        foreach one in array waiting loop
            begin
                execute format('delete from %s where event_id = any($1)', one) using erased;
            exception when foreign_key_violation then
                kept := kept || one;
            end;
        end loop;
        exit when cardinality(kept) = 0;
        if cardinality(kept) = cardinality(waiting) then
            raise exception 'other events rest on rows in %', array_to_string(kept, ', ')
                using errcode = 'foreign_key_violation';
        end if;
        waiting := kept;
    end loop;
end
$$;
revoke execute on function efa_erase(uuid[]) from public;
