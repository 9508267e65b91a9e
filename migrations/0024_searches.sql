-- Lists of a hundred thousand addresses and ten thousand homepages: what a search looks through, kept beside the rows (a function had
-- to be called again for every row that an index found), and numbers that every page shows, kept instead of counted.

drop index aliases_search_idx;
alter table aliases add column search text not null generated always as (alias_search(address, targets)) stored;
create index aliases_search_idx on aliases using gin (search gin_trgm_ops) where archived_at is null;

-- Who searches for a host finds it among the hosts: the trigrams of a host's end are in every address, and an index that has to go
-- through them all takes longer than everything else.
create index mailboxes_local_idx on mailboxes using gin (split_part(address, '@', 1) gin_trgm_ops) where archived_at is null;
create index mailboxes_host_idx on mailboxes (split_part(address, '@', 2)) where archived_at is null;
-- Kept as changes that are added up: two who change much at once never wait for one another's row. `fold_counts` makes few of them.
create table mailbox_hosts (
    host text not null,
    n bigint not null
);
create function count_mailbox_hosts() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        insert into mailbox_hosts (host, n)
            select split_part(address, '@', 2), count(*) from new_rows where archived_at is null group by 1;
    elsif tg_op = 'DELETE' then
        insert into mailbox_hosts (host, n)
            select split_part(address, '@', 2), -count(*) from old_rows where archived_at is null group by 1;
    else
        insert into mailbox_hosts (host, n)
            select split_part(address, '@', 2), sum(n) from (
                select address, 1 as n from new_rows where archived_at is null
                union all select address, -1 from old_rows where archived_at is null) d
            group by 1 having sum(n) <> 0;
    end if;
    return null;
end
$$;
create trigger mailboxes_hosts_insert after insert on mailboxes referencing new table as new_rows
    for each statement execute function count_mailbox_hosts();
create trigger mailboxes_hosts_update after update on mailboxes referencing old table as old_rows new table as new_rows
    for each statement execute function count_mailbox_hosts();
create trigger mailboxes_hosts_delete after delete on mailboxes referencing old table as old_rows
    for each statement execute function count_mailbox_hosts();
insert into mailbox_hosts (host, n)
    select split_part(address, '@', 2), count(*) from mailboxes where archived_at is null group by 1;
grant select on mailbox_hosts to hostler_staff;

create function homepage_search(name text, unicode text, root text, aliases text[]) returns text immutable language sql as $$
    select lower(name || ' ' || unicode || ' ' || root || ' ' || array_to_string(aliases, ' '))
$$;
drop index homepages_search_idx;
alter table homepages add column search text not null generated always as (homepage_search(name, unicode, root, aliases)) stored;
-- In it alone a page far behind is counted off.
drop index homepages_live_name_idx;
create index homepages_live_name_idx on homepages (name) include (id) where archived_at is null;
create index homepages_search_idx on homepages using gin (search gin_trgm_ops);
grant select (search) on homepages to hostler_tenant;

-- How many homepages that are not archived there are of each kind, class (empty: nobody looked) and decision, and with each tag.
create table homepage_counts (
    kind text not null,
    class text not null,
    decision text not null,
    n bigint not null
);
create table homepage_tags (
    tag text not null,
    n bigint not null
);
create function count_homepages() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        insert into homepage_counts (kind, class, decision, n)
            select kind, coalesce(class, ''), decision, count(*) from new_rows where archived_at is null group by 1, 2, 3;
        insert into homepage_tags (tag, n) select t, count(*) from new_rows r, unnest(r.tags) t where archived_at is null group by 1;
    elsif tg_op = 'DELETE' then
        insert into homepage_counts (kind, class, decision, n)
            select kind, coalesce(class, ''), decision, -count(*) from old_rows where archived_at is null group by 1, 2, 3;
        insert into homepage_tags (tag, n) select t, -count(*) from old_rows r, unnest(r.tags) t where archived_at is null group by 1;
    else
        insert into homepage_counts (kind, class, decision, n)
            select kind, class, decision, sum(n) from (
                select kind, coalesce(class, '') as class, decision, 1 as n from new_rows where archived_at is null
                union all select kind, coalesce(class, ''), decision, -1 from old_rows where archived_at is null) d
            group by 1, 2, 3 having sum(n) <> 0;
        insert into homepage_tags (tag, n)
            select tag, sum(n) from (
                select t as tag, 1 as n from new_rows r, unnest(r.tags) t where archived_at is null
                union all select t, -1 from old_rows r, unnest(r.tags) t where archived_at is null) d
            group by 1 having sum(n) <> 0;
    end if;
    return null;
end
$$;
create trigger homepages_counts_insert after insert on homepages referencing new table as new_rows
    for each statement execute function count_homepages();
create trigger homepages_counts_update after update on homepages referencing old table as old_rows new table as new_rows
    for each statement execute function count_homepages();
create trigger homepages_counts_delete after delete on homepages referencing old table as old_rows
    for each statement execute function count_homepages();
insert into homepage_counts (kind, class, decision, n)
    select kind, coalesce(class, ''), decision, count(*) from homepages where archived_at is null group by 1, 2, 3;
insert into homepage_tags (tag, n)
    select t, count(*) from homepages h, unnest(h.tags) t where archived_at is null group by 1;
grant select on homepage_counts, homepage_tags to hostler_staff;

create function fold_counts() returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if not pg_try_advisory_xact_lock(hashtextextended('fold-counts', 0)) then
        return;
    end if;
    with gone as (delete from homepage_counts returning kind, class, decision, n)
        insert into homepage_counts select kind, class, decision, sum(n) from gone group by 1, 2, 3 having sum(n) <> 0;
    with gone as (delete from homepage_tags returning tag, n)
        insert into homepage_tags select tag, sum(n) from gone group by 1 having sum(n) <> 0;
    with gone as (delete from mailbox_hosts returning host, n)
        insert into mailbox_hosts select host, sum(n) from gone group by 1 having sum(n) <> 0;
end
$$;
revoke execute on function fold_counts() from public;
grant execute on function fold_counts() to hostler_server, hostler_staff;
