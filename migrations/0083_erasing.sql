-- Takes out what events wrote: their facts with the salt, and their rows in every table of the history. The events and
-- their leaves stay, so the log keeps its root. What is derived from those rows or only serves the running goes with them.
-- Refused where rows of other events rest on them. For the owner, who says `set local efa.history = 'open'` first.

create function efa_forget_resting(parent regclass, chosen text, erased uuid[]) returns void language plpgsql as $$
declare
    one record;
    resting text;
begin
    for one in
        select c.conrelid::regclass as child,
               (select string_agg(quote_ident(a.attname), ', ' order by k.place)
                from unnest(c.conkey) with ordinality k (number, place)
                join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number) as ours,
               (select string_agg(quote_ident(a.attname), ', ' order by k.place)
                from unnest(c.confkey) with ordinality k (number, place)
                join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number) as theirs
        from pg_constraint c
        where c.contype = 'f' and c.confrelid = parent and c.conrelid <> parent and c.conparentid = 0
          and not exists (select from pg_trigger t where t.tgrelid = c.conrelid and t.tgname = 'history_row')
    loop
        resting := format('(%s) in (select %s from %s where %s)', one.ours, one.theirs, parent, chosen);
        perform efa_forget_resting(one.child, resting, erased);
        execute format('delete from %s where %s', one.child, resting) using erased;
    end loop;
end
$$;
revoke execute on function efa_forget_resting(regclass, text, uuid[]) from public;

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
    foreach one in array waiting loop
        perform efa_forget_resting(one, 'event_id = any($1)', erased);
    end loop;
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
