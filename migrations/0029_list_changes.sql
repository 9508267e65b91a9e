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

create function note_emptied_list() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into list_changes default values;
    return null;
end
$$;
revoke execute on function note_emptied_list() from public;

-- A function for each table, so that its statements are planned once. Of a statement one more is noted than is taken in one by one, which
-- tells that there are more: no name stands twice in a table. Of an update those of which a list tells something else now. Nobody knows
-- how many rows a statement has: joined by loops ten thousand took a minute.
create function note_list_changes_of(kind text, name text, listed text[]) returns void language plpgsql as $$
declare
    n constant text := (select string_agg(format('n.%I', c), ', ') from unnest(listed || name) c);
    o constant text := (select string_agg(format('o.%I', c), ', ') from unnest(listed || name) c);
begin
    execute format($note$
        create function note_%1$s() returns trigger language plpgsql security definer set search_path = public, pg_temp set enable_nestloop = off as $body$
        begin
            if tg_op = 'INSERT' then
                insert into list_changes (kind, name) select %1$L, %2$I from new_rows limit 1001;
            elsif tg_op = 'DELETE' then
                insert into list_changes (kind, name) select %1$L, %2$I from old_rows limit 1001;
            else
                insert into list_changes (kind, name) select %1$L, c.name
                    from new_rows n join old_rows o on o.id = n.id cross join lateral (values (n.%2$I), (o.%2$I)) c (name)
                    where (%3$s) is distinct from (%4$s) group by c.name limit 1001;
            end if;
            return null;
        end
        $body$;
        revoke execute on function note_%1$s() from public;
        create trigger %1$s_changes_insert after insert on %1$s referencing new table as new_rows for each statement execute function note_%1$s();
        create trigger %1$s_changes_update after update on %1$s referencing old table as old_rows new table as new_rows
            for each statement execute function note_%1$s();
        create trigger %1$s_changes_delete after delete on %1$s referencing old table as old_rows for each statement execute function note_%1$s();
        create trigger %1$s_changes_truncate after truncate on %1$s for each statement execute function note_emptied_list();
    $note$, kind, name, n, o);
end
$$;
select note_list_changes_of('mailboxes', 'address', array['archived_at', 'bytes', 'seen_bytes', 'files', 'seen_mails', 'last_login_at',
    'password_scheme', 'server_id', 'password_at', 'created_at']);
select note_list_changes_of('aliases', 'address', array['archived_at', 'search']);
select note_list_changes_of('domains', 'name', array['archived_at', 'search', 'customer_number', 'zone_errors', 'zone_warnings',
    'zone_records', 'zone_changed']);
drop function note_list_changes_of(text, text, text[]);

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
