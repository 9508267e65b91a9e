-- What becomes of each homepage: the web servers, what is decided, what its customer was asked, how it goes on.

create table web_servers (
    id uuid constraint web_servers_pkey primary key,
    -- What it is called among the staff, and by `hostler render web --server NAME`.
    name text not null constraint web_servers_name_key unique
        constraint web_servers_name_check check (name ~ '^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$'),
    -- Whether homepages leave it or go to it.
    side text not null constraint web_servers_side_check check (side in ('old', 'new')),
    -- At which it answers; what answers elsewhere is not ours.
    addresses inet[] not null constraint web_servers_addresses_check check (cardinality(addresses) between 1 and 50),
    -- The PHP that its homepages have unless they say otherwise, such as 8.2.
    php text not null default '8.2' constraint web_servers_php_check check (php ~ '^[5-9][.][0-9]$'),
    -- Homepages that move go to it, unless another is named for them.
    takes_new boolean not null default false
        constraint web_servers_takes_new_check check (not takes_new or side = 'new'),
    revision integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create unique index web_servers_takes_new_idx on web_servers (takes_new) where takes_new;

alter table homepages
    -- Addresses that the papers' virtual host answers at.
    add column listens inet[] not null default '{}',
    -- The PHP that it needs; empty: its server's.
    add column php text not null default '' constraint homepages_php_check check (php ~ '^([5-9][.][0-9])?$'),
    -- What becomes of it, and who said so.
    add column decision text not null default 'undecided'
        constraint homepages_decision_check check (decision in ('undecided', 'move', 'ask', 'drop', 'elsewhere')),
    add column decided_at timestamptz,
    add column decided_by text,
    add column decision_reason text not null default '' constraint homepages_decision_reason_check check (length(decision_reason) <= 500),
    -- What the looks at it speak for.
    add column proposal text constraint homepages_proposal_check check (proposal in ('move', 'ask', 'drop', 'elsewhere')),
    add column moves_on date,
    add column new_server_id uuid constraint homepages_new_server_id_fkey references web_servers (id) on delete set null,
    add column tags text[] not null default '{}' constraint homepages_tags_check check (cardinality(tags) <= 20),
    add column notes text not null default '' constraint homepages_notes_check check (length(notes) <= 5000),
    -- What the web server's logs say of people, and of uploads.
    add column hits integer constraint homepages_hits_check check (hits >= 0),
    add column last_hit_at timestamptz,
    add column logs_until timestamptz,
    add column uploaded_at timestamptz;
create index homepages_decision_idx on homepages (decision, name) where archived_at is null;
create index homepages_live_name_idx on homepages (name) where archived_at is null;
create index homepages_tags_idx on homepages using gin (tags) where archived_at is null;

-- What is asked of customers, and what they answer. A letter is about all homepages of one customer.
create table homepage_letters (
    id uuid constraint homepage_letters_pkey primary key,
    customer_id uuid not null constraint homepage_letters_customer_id_fkey references customers (id),
    -- Whether they are asked, or told that it will be dropped.
    kind text not null constraint homepage_letters_kind_check check (kind in ('ask', 'drop')),
    recipient text not null,
    -- Of the link in it, by which answers come without a log-in.
    token_hash bytea not null constraint homepage_letters_token_hash_key unique,
    created_at timestamptz not null,
    created_by text not null,
    expires_at timestamptz not null
);
create index homepage_letters_customer_id_idx on homepage_letters (customer_id);
create table homepage_letter_items (
    letter_id uuid not null constraint homepage_letter_items_letter_id_fkey references homepage_letters (id) on delete cascade,
    homepage_id uuid not null constraint homepage_letter_items_homepage_id_fkey references homepages (id) on delete cascade,
    answer text constraint homepage_letter_items_answer_check check (answer in ('keep', 'let_go')),
    answered_at timestamptz,
    constraint homepage_letter_items_pkey primary key (letter_id, homepage_id)
);
create index homepage_letter_items_homepage_id_idx on homepage_letter_items (homepage_id);

-- How many homepages there were of each class and decision at the end of a day.
create table homepage_days (
    day date not null,
    kind text not null constraint homepage_days_kind_check check (kind in ('class', 'decision')),
    code text not null,
    n integer not null,
    constraint homepage_days_pkey primary key (day, kind, code)
);

grant select, insert, update, delete on web_servers, homepage_letters, homepage_letter_items, homepage_days to hostler_staff;
-- What staff note of a homepage, and who decided why, is the provider's.
revoke select on homepages from hostler_tenant;
grant select (id, name, unicode, aliases, kind, root, target, tls, server, source, domain_id, revision, created_at, updated_at, archived_at,
    class, doubt, class_since, looked_at, decision, decided_at, moves_on, php) on homepages to hostler_tenant;

do $$
declare
    entity text;
begin
    foreach entity in array array['web_servers', 'homepage_letters', 'homepage_letter_items', 'homepage_days'] loop
        execute format('alter table %I enable row level security', entity);
        execute format('alter table %I force row level security', entity);
        execute format('create policy staff on %I to hostler_staff using (true) with check (true)', entity);
    end loop;
end
$$;
