-- What an old provider's papers say: customers, domains, zones, homepages, mailboxes, aliases.
-- `imported` holds the digest of what the papers said last: it tells an edit made here from a change in the papers.

create table resellers (
    id uuid constraint resellers_pkey primary key,
    number text not null constraint resellers_number_key unique,
    created_at timestamptz not null
);

create table customers (
    id uuid constraint customers_pkey primary key,
    number text not null constraint customers_number_key unique
        constraint customers_number_check check (length(number) between 1 and 40),
    company text not null,
    contact text not null,
    street text not null,
    postcode text not null,
    city text not null,
    country text not null,
    email text not null,
    vat_id text not null,
    reseller_id uuid constraint customers_reseller_id_fkey references resellers (id),
    revision integer not null default 1,
    imported bytea,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz
);
create index customers_search_idx on customers
    using gin ((number || ' ' || company || ' ' || contact || ' ' || city || ' ' || email) gin_trgm_ops);
create index customers_reseller_id_idx on customers (reseller_id);

create table domains (
    id uuid constraint domains_pkey primary key,
    name text not null constraint domains_name_key unique,
    -- For people: U-labels. Searched beside the name.
    unicode text not null,
    customer_id uuid constraint domains_customer_id_fkey references customers (id),
    -- The number that the papers gave, also where no such customer exists.
    customer_number text,
    reseller_id uuid constraint domains_reseller_id_fkey references resellers (id),
    revision integer not null default 1,
    imported bytea,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz
);
create index domains_search_idx on domains using gin ((name || ' ' || unicode) gin_trgm_ops);
create index domains_customer_id_idx on domains (customer_id);
create index domains_reseller_id_idx on domains (reseller_id);

create table zones (
    id uuid constraint zones_pkey primary key,
    -- Lower case, without the final dot; the root zone is never hosted.
    name text not null constraint zones_name_key unique,
    unicode text not null,
    domain_id uuid constraint zones_domain_id_fkey references domains (id),
    revision integer not null default 1,
    -- What the lint says of the records as they are now.
    errors integer not null default 0,
    warnings integer not null default 0,
    records integer not null default 0,
    -- Whether the records differ from the published version.
    changed boolean not null default true,
    published_number integer,
    published_serial bigint,
    imported bytea,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz
);
create index zones_search_idx on zones using gin ((name || ' ' || unicode) gin_trgm_ops);
create index zones_domain_id_idx on zones (domain_id);

-- The records as they are being edited. A published version is a text of its own.
create table records (
    id bigint generated always as identity constraint records_pkey primary key,
    zone_id uuid not null constraint records_zone_id_fkey references zones (id) on delete cascade,
    owner text not null,
    rtype text not null,
    ttl bigint not null constraint records_ttl_check check (ttl between 0 and 2147483647),
    data text not null
);
create index records_zone_id_idx on records (zone_id);
create index records_search_idx on records using gin ((owner || ' ' || data) gin_trgm_ops);

create table zone_versions (
    zone_id uuid not null constraint zone_versions_zone_id_fkey references zones (id) on delete cascade,
    number integer not null,
    serial bigint not null,
    content text not null,
    created_at timestamptz not null,
    created_by text not null,
    note text not null,
    constraint zone_versions_pkey primary key (zone_id, number)
);

create table homepages (
    id uuid constraint homepages_pkey primary key,
    name text not null constraint homepages_name_key unique,
    unicode text not null,
    aliases text[] not null,
    kind text not null constraint homepages_kind_check check (kind in ('static', 'php', 'redirect', 'proxy')),
    root text not null,
    target text not null,
    tls boolean not null,
    server text not null,
    source text not null,
    domain_id uuid constraint homepages_domain_id_fkey references domains (id),
    revision integer not null default 1,
    imported bytea,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz
);
create index homepages_search_idx on homepages using gin ((name || ' ' || unicode || ' ' || root) gin_trgm_ops);
create index homepages_domain_id_idx on homepages (domain_id);

create table mailboxes (
    id uuid constraint mailboxes_pkey primary key,
    address text not null constraint mailboxes_address_key unique,
    domain_id uuid constraint mailboxes_domain_id_fkey references domains (id),
    path text,
    -- The hash as the old passwd-file has it, scheme included; never shown.
    password_hash text,
    password_scheme text,
    extra text not null default '',
    bytes bigint constraint mailboxes_bytes_check check (bytes >= 0),
    files bigint constraint mailboxes_files_check check (files >= 0),
    revision integer not null default 1,
    imported bytea,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz
);
create index mailboxes_search_idx on mailboxes using gin (address gin_trgm_ops);
create index mailboxes_domain_id_idx on mailboxes (domain_id);

create table aliases (
    id uuid constraint aliases_pkey primary key,
    -- `local@domain`, or `@domain` for the catch-all.
    address text not null constraint aliases_address_key unique,
    targets text[] not null,
    domain_id uuid constraint aliases_domain_id_fkey references domains (id),
    revision integer not null default 1,
    imported bytea,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz
);
create index aliases_search_idx on aliases using gin (address gin_trgm_ops);
create index aliases_domain_id_idx on aliases (domain_id);

create table imports (
    id uuid constraint imports_pkey primary key,
    source text not null,
    created_at timestamptz not null,
    created_by text not null,
    state text not null constraint imports_state_check check (state in ('reading', 'planned', 'applied', 'failed')),
    -- The uploaded archive, until the import is applied.
    upload bytea,
    plan jsonb,
    applied_at timestamptz,
    error text
);
create index imports_created_at_idx on imports (created_at desc);

-- What could not be read, as it was.
create table refusals (
    id bigint generated always as identity constraint refusals_pkey primary key,
    digest bytea not null constraint refusals_digest_key unique,
    import_id uuid constraint refusals_import_id_fkey references imports (id) on delete set null,
    file text not null,
    line integer,
    reason text not null,
    raw bytea not null,
    created_at timestamptz not null
);

create table problems (
    kind text not null,
    subject text not null,
    detail text not null,
    constraint problems_pkey primary key (kind, subject, detail)
);
create index problems_search_idx on problems using gin ((subject || ' ' || detail) gin_trgm_ops);
create index zones_changed_idx on zones (id) where changed;
