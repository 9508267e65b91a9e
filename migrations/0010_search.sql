-- What a search in records looks through: the owner below its zone, and the data. The zone's own name stands in every one
-- of its records and is found among the domains; a whole owner name is found by its beginning.
create function record_search(owner text, zone text, data text) returns text immutable language sql as $$
    select lower(case
        when owner = zone || '.' then data
        when right(owner, length(zone) + 2) = '.' || zone || '.' then left(owner, -length(zone) - 2) || ' ' || data
        else owner || ' ' || data
    end)
$$;
alter table records add column search text;
update records r set search = record_search(r.owner, z.name, r.data) from zones z where z.id = r.zone_id;
alter table records alter column search set not null;
drop index records_search_idx;
create index records_search_idx on records using gin (search gin_trgm_ops);
create index records_owner_idx on records (lower(owner) text_pattern_ops);
