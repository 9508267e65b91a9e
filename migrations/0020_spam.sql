-- From how many points on mail for a domain is spam, where that is other than everywhere.
create table spam_levels (
    domain_id uuid constraint spam_levels_pkey primary key constraint spam_levels_domain_id_fkey references domains (id) on delete cascade,
    -- Marked from so many points on; none: as everywhere.
    mark_at smallint constraint spam_levels_mark_at_check check (mark_at between 1 and 99),
    -- Refused from so many points on; none: as everywhere.
    refuse_at smallint constraint spam_levels_refuse_at_check check (refuse_at between 1 and 999)
);
grant select, insert, update, delete on spam_levels to hostler_staff, hostler_tenant;
alter table spam_levels enable row level security;
alter table spam_levels force row level security;
create policy staff on spam_levels to hostler_staff using (true) with check (true);
create policy tenant on spam_levels to hostler_tenant using (domain_id = any (array(select d.id from domains d)))
    with check (domain_id = any (array(select d.id from domains d)));
