-- What a search of customers looks through is kept beside the row, as with addresses and domains: put together and lowered for each of
-- two thousand it took most of a search that finds many. They are few enough to be looked through.
drop index customers_search_idx;
alter table customers add column search text not null
    generated always as (lower(number || ' ' || company || ' ' || contact || ' ' || city || ' ' || email)) stored;
