-- The lists of all addresses and domains are answered from what the panel holds in memory (`store/held`). Which names a transaction
-- changes is written down, so that each process takes in what its snapshot did not see. What served those lists before goes; every change had
-- to keep it.

drop trigger mailboxes_hosts_insert on mailboxes;
drop trigger mailboxes_hosts_update on mailboxes;
drop trigger mailboxes_hosts_delete on mailboxes;
drop trigger aliases_hosts_insert on aliases;
drop trigger aliases_hosts_update on aliases;
drop trigger aliases_hosts_delete on aliases;
drop function count_address_hosts();
drop table address_hosts;
drop index mailboxes_search_idx, mailboxes_local_idx, mailboxes_host_idx, mailboxes_scheme_idx, aliases_search_idx, aliases_host_idx;
drop index mailboxes_bytes_idx, mailboxes_bytes_desc_idx, mailboxes_files_idx, mailboxes_files_desc_idx, mailboxes_login_idx, mailboxes_login_desc_idx;
drop index domains_list_idx, domains_customer_order_idx, domains_errors_order_idx, domains_records_order_idx;
drop index domains_errors_idx, domains_warnings_idx, domains_changed_idx, domains_without_zone_idx;
create index domains_live_name_idx on domains (name) where archived_at is null;

-- A row without a kind stands for all there is.
create table list_changes (
    xact xid8 not null default pg_current_xact_id(),
    kind text,
    name text
);
create index list_changes_xact_idx on list_changes (xact);
grant select on list_changes to hostler_staff;

-- Of a statement one more than is taken in one by one, which tells that there are more: no name stands twice in a table. Of an update
-- those of which a list tells something else now. Nobody knows how many rows a statement has: joined by loops ten thousand took a minute.
create function note_mailbox_changes() returns trigger language plpgsql security definer set search_path = public, pg_temp set enable_nestloop = off as $$
begin
    if tg_op = 'INSERT' then
        insert into list_changes (kind, name) select tg_table_name, address from new_rows limit 1001;
    elsif tg_op = 'DELETE' then
        insert into list_changes (kind, name) select tg_table_name, address from old_rows limit 1001;
    else
        insert into list_changes (kind, name) select tg_table_name, c.address
            from new_rows n join old_rows o on o.id = n.id cross join lateral (values (n.address), (o.address)) c (address)
            where (n.address, n.archived_at, n.bytes, n.seen_bytes, n.files, n.seen_mails, n.last_login_at, n.password_scheme, n.server_id,
                    n.password_at is null, n.created_at)
                is distinct from (o.address, o.archived_at, o.bytes, o.seen_bytes, o.files, o.seen_mails, o.last_login_at, o.password_scheme,
                    o.server_id, o.password_at is null, o.created_at)
            group by c.address limit 1001;
    end if;
    return null;
end
$$;
create function note_alias_changes() returns trigger language plpgsql security definer set search_path = public, pg_temp set enable_nestloop = off as $$
begin
    if tg_op = 'INSERT' then
        insert into list_changes (kind, name) select tg_table_name, address from new_rows limit 1001;
    elsif tg_op = 'DELETE' then
        insert into list_changes (kind, name) select tg_table_name, address from old_rows limit 1001;
    else
        insert into list_changes (kind, name) select tg_table_name, c.address
            from new_rows n join old_rows o on o.id = n.id cross join lateral (values (n.address), (o.address)) c (address)
            where (n.search, n.archived_at) is distinct from (o.search, o.archived_at)
            group by c.address limit 1001;
    end if;
    return null;
end
$$;
create function note_domain_changes() returns trigger language plpgsql security definer set search_path = public, pg_temp set enable_nestloop = off as $$
begin
    if tg_op = 'INSERT' then
        insert into list_changes (kind, name) select tg_table_name, name from new_rows limit 1001;
    elsif tg_op = 'DELETE' then
        insert into list_changes (kind, name) select tg_table_name, name from old_rows limit 1001;
    else
        insert into list_changes (kind, name) select tg_table_name, c.name
            from new_rows n join old_rows o on o.id = n.id cross join lateral (values (n.name), (o.name)) c (name)
            where (n.name, n.search, n.archived_at, n.customer_number, n.zone_errors, n.zone_warnings, n.zone_records, n.zone_changed)
                is distinct from (o.name, o.search, o.archived_at, o.customer_number, o.zone_errors, o.zone_warnings, o.zone_records, o.zone_changed)
            group by c.name limit 1001;
    end if;
    return null;
end
$$;
create function note_emptied_list() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into list_changes default values;
    return null;
end
$$;
do $$
declare
    kind text;
    note text;
begin
    foreach kind in array array['mailboxes', 'aliases', 'domains'] loop
        note := case kind when 'mailboxes' then 'note_mailbox_changes' when 'aliases' then 'note_alias_changes' else 'note_domain_changes' end;
        execute format('create trigger %1$s_changes_insert after insert on %1$s referencing new table as new_rows
            for each statement execute function %2$s()', kind, note);
        execute format('create trigger %1$s_changes_update after update on %1$s referencing old table as old_rows new table as new_rows
            for each statement execute function %2$s()', kind, note);
        execute format('create trigger %1$s_changes_delete after delete on %1$s referencing old table as old_rows
            for each statement execute function %2$s()', kind, note);
        execute format('create trigger %1$s_changes_truncate after truncate on %1$s for each statement execute function note_emptied_list()', kind);
    end loop;
end
$$;
revoke execute on function note_mailbox_changes(), note_alias_changes(), note_domain_changes(), note_emptied_list() from public;

create or replace function fold_counts() returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if not pg_try_advisory_xact_lock(hashtextextended('fold-counts', 0)) then
        return;
    end if;
    with gone as (delete from homepage_counts returning kind, class, decision, n)
        insert into homepage_counts select kind, class, decision, sum(n) from gone group by 1, 2, 3 having sum(n) <> 0;
    with gone as (delete from homepage_tags returning tag, n)
        insert into homepage_tags select tag, sum(n) from gone group by 1 having sum(n) <> 0;
    -- Many changes cost more than reading all again, which the row that stays tells whoever has not seen them.
    if (select count(*) from (select from list_changes limit 10001) c) > 10000 then
        delete from list_changes;
        insert into list_changes default values;
    end if;
end
$$;
