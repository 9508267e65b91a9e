-- Which homepages live: what was seen of each, and what is held to be true of it.

create table looks (
    id bigint generated always as identity constraint looks_pkey primary key,
    homepage_id uuid not null constraint looks_homepage_id_fkey references homepages (id) on delete cascade,
    at timestamptz not null,
    -- By this look alone.
    class text not null,
    confidence smallint not null constraint looks_confidence_check check (confidence between 0 and 100),
    signals jsonb not null,
    -- What was seen: the DNS, each hop, the pages.
    seen jsonb not null
);
create index looks_homepage_id_idx on looks (homepage_id, id);

alter table homepages
    -- What is held to be true; another class has to be seen twice.
    add column class text,
    add column doubt text,
    add column class_since timestamptz,
    add column looked_at timestamptz;
create index homepages_class_idx on homepages (class, name) where archived_at is null;

grant select, insert, update, delete on looks to hostler_staff;
-- Not what was seen in full: where networks inside are allowed, it may come from there.
grant select (id, homepage_id, at, class, confidence, signals) on looks to hostler_tenant;
alter table looks enable row level security;
alter table looks force row level security;
create policy staff on looks to hostler_staff using (true) with check (true);
create policy tenant on looks for select to hostler_tenant using (homepage_id = any (array(select h.id from homepages h)));
