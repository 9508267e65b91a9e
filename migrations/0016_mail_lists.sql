-- Lists of a hundred thousand addresses: each order that they are read in, what a search looks through, and numbers that every
-- page shows, kept instead of counted.

create index mailboxes_live_idx on mailboxes (address) where archived_at is null;
create index aliases_live_idx on aliases (address) where archived_at is null;
create index mailboxes_bytes_idx on mailboxes ((coalesce(seen_bytes, bytes)), address) where archived_at is null;
create index mailboxes_bytes_desc_idx on mailboxes ((coalesce(seen_bytes, bytes)) desc nulls last, address) where archived_at is null;
create index mailboxes_files_idx on mailboxes ((coalesce(seen_mails, files)), address) where archived_at is null;
create index mailboxes_files_desc_idx on mailboxes ((coalesce(seen_mails, files)) desc nulls last, address) where archived_at is null;

-- `array_to_string` is called stable for the sake of types whose text depends on settings; text does not.
create function alias_search(address text, targets text[]) returns text immutable language sql as $$
    select address || ' ' || array_to_string(targets, ' ')
$$;
drop index aliases_search_idx;
create index aliases_search_idx on aliases using gin (alias_search(address, targets) gin_trgm_ops);

-- Tables without an archive are counted whole.
create function count_all_rows() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    more bigint := 0;
begin
    if tg_op = 'TRUNCATE' then
        update row_counts set n = 0 where entity = tg_table_name;
        return null;
    elsif tg_op = 'INSERT' then
        select count(*) into more from new_rows;
    else
        select -count(*) into more from old_rows;
    end if;
    if more <> 0 then
        update row_counts set n = n + more where entity = tg_table_name;
    end if;
    return null;
end
$$;
do $$
declare
    entity text;
begin
    foreach entity in array array['problems', 'refusals'] loop
        execute format('create trigger %1$s_count_insert after insert on %1$s referencing new table as new_rows
            for each statement execute function count_all_rows()', entity);
        execute format('create trigger %1$s_count_delete after delete on %1$s referencing old table as old_rows
            for each statement execute function count_all_rows()', entity);
        execute format('create trigger %1$s_count_truncate after truncate on %1$s
            for each statement execute function count_all_rows()', entity);
        execute format('insert into row_counts (entity, n) select %1$L, count(*) from %1$s', entity);
    end loop;
end
$$;

-- How many mailboxes have a password of which scheme.
create table scheme_counts (
    scheme text constraint scheme_counts_pkey primary key,
    n bigint not null
);
create function count_schemes() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if tg_op in ('INSERT', 'UPDATE') then
        insert into scheme_counts as s (scheme, n)
            select password_scheme, count(*) from new_rows where archived_at is null and password_scheme is not null group by 1 order by 1
            on conflict (scheme) do update set n = s.n + excluded.n;
    end if;
    if tg_op in ('DELETE', 'UPDATE') then
        update scheme_counts s set n = s.n - gone.n
            from (select password_scheme, count(*) as n from old_rows where archived_at is null and password_scheme is not null group by 1) gone
            where s.scheme = gone.password_scheme;
    end if;
    return null;
end
$$;
create trigger mailboxes_schemes_insert after insert on mailboxes referencing new table as new_rows
    for each statement execute function count_schemes();
create trigger mailboxes_schemes_update after update on mailboxes referencing old table as old_rows new table as new_rows
    for each statement execute function count_schemes();
create trigger mailboxes_schemes_delete after delete on mailboxes referencing old table as old_rows
    for each statement execute function count_schemes();
insert into scheme_counts (scheme, n)
    select password_scheme, count(*) from mailboxes where archived_at is null and password_scheme is not null group by 1;
grant select on scheme_counts to hostler_staff;
