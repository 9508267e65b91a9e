-- What is kept of the hosts of mailboxes is kept of those of aliases too: a search asks it first, and short ones find by it.

drop trigger mailboxes_hosts_insert on mailboxes;
drop trigger mailboxes_hosts_update on mailboxes;
drop trigger mailboxes_hosts_delete on mailboxes;
drop function count_mailbox_hosts();
drop table mailbox_hosts;

create index aliases_host_idx on aliases (split_part(address, '@', 2)) where archived_at is null;

-- Changes that are added up, as `homepage_counts`.
create table address_hosts (
    alias boolean not null,
    host text not null,
    n bigint not null
);
create function count_address_hosts() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    of_alias constant boolean := tg_table_name = 'aliases';
begin
    if tg_op = 'INSERT' then
        insert into address_hosts (alias, host, n)
            select of_alias, split_part(address, '@', 2), count(*) from new_rows where archived_at is null group by 2;
    elsif tg_op = 'DELETE' then
        insert into address_hosts (alias, host, n)
            select of_alias, split_part(address, '@', 2), -count(*) from old_rows where archived_at is null group by 2;
    else
        insert into address_hosts (alias, host, n)
            select of_alias, split_part(address, '@', 2), sum(n) from (
                select address, 1 as n from new_rows where archived_at is null
                union all select address, -1 from old_rows where archived_at is null) d
            group by 2 having sum(n) <> 0;
    end if;
    return null;
end
$$;
do $$
declare kind text;
begin
    foreach kind in array array['mailboxes', 'aliases'] loop
        execute format('create trigger %1$s_hosts_insert after insert on %1$s referencing new table as new_rows
            for each statement execute function count_address_hosts()', kind);
        execute format('create trigger %1$s_hosts_update after update on %1$s referencing old table as old_rows new table as new_rows
            for each statement execute function count_address_hosts()', kind);
        execute format('create trigger %1$s_hosts_delete after delete on %1$s referencing old table as old_rows
            for each statement execute function count_address_hosts()', kind);
    end loop;
end
$$;
insert into address_hosts (alias, host, n)
    select false, split_part(address, '@', 2), count(*) from mailboxes where archived_at is null group by 2
    union all select true, split_part(address, '@', 2), count(*) from aliases where archived_at is null group by 2;
grant select on address_hosts to hostler_staff;

create or replace function fold_counts() returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if not pg_try_advisory_xact_lock(hashtextextended('fold-counts', 0)) then
        return;
    end if;
    with gone as (delete from homepage_counts returning kind, class, decision, n)
        insert into homepage_counts select kind, class, decision, sum(n) from gone group by 1, 2, 3 having sum(n) <> 0;
    with gone as (delete from homepage_tags returning tag, n)
        insert into homepage_tags select tag, sum(n) from gone group by 1 having sum(n) <> 0;
    with gone as (delete from address_hosts returning alias, host, n)
        insert into address_hosts select alias, host, sum(n) from gone group by 1, 2 having sum(n) <> 0;
end
$$;
