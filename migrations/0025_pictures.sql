-- Homepages as a browser shows them, small; the staff's alone, as nobody says what is to be seen there.

create table homepage_pictures (
    homepage_id uuid constraint homepage_pictures_pkey primary key
        constraint homepage_pictures_homepage_id_fkey references homepages (id) on delete cascade,
    taken_at timestamptz not null,
    -- None: the browser made none of it.
    png bytea constraint homepage_pictures_png_check check (octet_length(png) <= 1048576)
);
grant select, insert, update, delete on homepage_pictures to hostler_staff;
alter table homepage_pictures enable row level security;
alter table homepage_pictures force row level security;
create policy staff on homepage_pictures to hostler_staff using (true) with check (true);
