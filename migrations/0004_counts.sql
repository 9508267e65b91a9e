-- Numbers of rows, kept by the statements that change them: every page shows some, and counting ten thousand rows for
-- each of them costs more than the rest of the page.

create table row_counts (
    entity text constraint row_counts_pkey primary key,
    n bigint not null default 0,
    bytes bigint not null default 0
);

create function count_rows() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    more bigint := 0;
    weight bigint := 0;
begin
    if tg_op in ('INSERT', 'UPDATE') then
        select more + count(*) into more from new_rows where archived_at is null;
        if tg_table_name = 'mailboxes' then
            execute 'select $1 + coalesce(sum(bytes), 0)::bigint from new_rows where archived_at is null' into weight using weight;
        end if;
    end if;
    if tg_op in ('DELETE', 'UPDATE') then
        select more - count(*) into more from old_rows where archived_at is null;
        if tg_table_name = 'mailboxes' then
            execute 'select $1 - coalesce(sum(bytes), 0)::bigint from old_rows where archived_at is null' into weight using weight;
        end if;
    end if;
    if more <> 0 or weight <> 0 then
        update row_counts set n = n + more, bytes = bytes + weight where entity = tg_table_name;
    end if;
    return null;
end
$$;

do $$
declare
    entity text;
begin
    foreach entity in array array['customers', 'domains', 'zones', 'homepages', 'mailboxes', 'aliases'] loop
        execute format('create trigger %1$s_count_insert after insert on %1$s referencing new table as new_rows
            for each statement execute function count_rows()', entity);
        execute format('create trigger %1$s_count_update after update on %1$s referencing old table as old_rows new table as new_rows
            for each statement execute function count_rows()', entity);
        execute format('create trigger %1$s_count_delete after delete on %1$s referencing old table as old_rows
            for each statement execute function count_rows()', entity);
        execute format('insert into row_counts (entity, n) select %1$L, count(*) from %1$s where archived_at is null', entity);
    end loop;
    update row_counts set bytes = (select coalesce(sum(m.bytes), 0) from mailboxes m where archived_at is null) where row_counts.entity = 'mailboxes';
end
$$;

grant select on row_counts to hostler_server;
revoke insert, update, delete on row_counts from hostler_server;

-- The few zones that somebody has to look at.
create index zones_errors_idx on zones (name) where errors > 0;
create index zones_warnings_idx on zones (name) where warnings > 0;
create index zones_changed_name_idx on zones (name) where changed;
create index zones_unpublished_idx on zones (name) where published_number is null;

-- Paging far into the list of domains walks this index alone.
create index domains_live_name_idx on domains (name) where archived_at is null;
