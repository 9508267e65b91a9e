-- The list of domains: what it searches, sorts and counts by stands in one index. What it tells of a domain's zone is kept with the
-- domain; joined for each of ten thousand it took longer than the page.

create function domain_search(name text, unicode text) returns text immutable language sql as $$
    select lower(case when unicode = name then name else name || ' ' || unicode end)
$$;
alter table domains
    add column search text not null generated always as (domain_search(name, unicode)) stored,
    add column zone_id uuid,
    add column zone_errors integer,
    add column zone_warnings integer,
    add column zone_records integer,
    add column zone_changed boolean,
    add column zone_serial bigint;
update domains d set (zone_id, zone_errors, zone_warnings, zone_records, zone_changed, zone_serial)
    = (z.id, z.errors, z.warnings, z.records, z.changed, z.published_serial)
    from zones z where z.name = d.name;

-- No index of trigrams: the names are few enough to be looked through, and nobody can plan for how many a text will find.
drop index domains_search_idx;
drop index domains_live_name_idx;
create index domains_list_idx on domains (name)
    include (search, customer_number, zone_errors, zone_warnings, zone_records, zone_changed) where archived_at is null;
create index domains_customer_order_idx on domains (customer_number nulls first, name) where archived_at is null;
create index domains_errors_order_idx on domains (zone_errors nulls first, name) where archived_at is null;
create index domains_records_order_idx on domains (zone_records nulls first, name) where archived_at is null;
create index domains_errors_idx on domains (name) where archived_at is null and zone_errors > 0;
create index domains_warnings_idx on domains (name) where archived_at is null and zone_warnings > 0;
create index domains_changed_idx on domains (name) where archived_at is null and zone_changed;
create index domains_without_zone_idx on domains (name) where archived_at is null and zone_errors is null;

create function keep_zone_of_new_domain() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    select id, errors, warnings, records, changed, published_serial
        into new.zone_id, new.zone_errors, new.zone_warnings, new.zone_records, new.zone_changed, new.zone_serial
        from zones where name = new.name;
    return new;
end
$$;
create trigger domains_zone before insert or update of name on domains
    for each row execute function keep_zone_of_new_domain();

create function keep_zones_of_domains() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    -- A zone keeps its name.
    if tg_op = 'DELETE' then
        update domains d set (zone_id, zone_errors, zone_warnings, zone_records, zone_changed, zone_serial)
            = (null, null, null, null, null, null)
            from old_rows o where d.name = o.name;
    else
        update domains d set (zone_id, zone_errors, zone_warnings, zone_records, zone_changed, zone_serial)
            = (z.id, z.errors, z.warnings, z.records, z.changed, z.published_serial)
            from new_rows z where d.name = z.name
                and (d.zone_id, d.zone_errors, d.zone_warnings, d.zone_records, d.zone_changed, d.zone_serial)
                    is distinct from (z.id, z.errors, z.warnings, z.records, z.changed, z.published_serial);
    end if;
    return null;
end
$$;
create trigger zones_domains_insert after insert on zones referencing new table as new_rows
    for each statement execute function keep_zones_of_domains();
create trigger zones_domains_update after update on zones referencing new table as new_rows
    for each statement execute function keep_zones_of_domains();
create trigger zones_domains_delete after delete on zones referencing old table as old_rows
    for each statement execute function keep_zones_of_domains();
