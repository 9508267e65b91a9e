-- The provider's mail servers by name and role, and on which of them a mailbox lives.

create table mail_servers (
    id uuid constraint mail_servers_pkey primary key,
    -- What it is called among the staff.
    name text not null constraint mail_servers_name_key unique
        constraint mail_servers_name_check check (name ~ '^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$'),
    -- Its full name, as its certificate and the MX records have it.
    host_name text not null constraint mail_servers_host_name_key unique
        constraint mail_servers_host_name_check check (length(host_name) between 1 and 253),
    -- Where the others reach it, and from where it speaks to them.
    address inet not null constraint mail_servers_address_key unique
        constraint mail_servers_address_check check (address = host(address)::inet),
    roles text[] not null constraint mail_servers_roles_check
        check (roles <@ array['store', 'mx', 'submission', 'proxy'] and cardinality(roles) > 0),
    -- New mailboxes are made on it.
    takes_new boolean not null default false
        constraint mail_servers_takes_new_check check (not takes_new or 'store' = any (roles)),
    revision integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create unique index mail_servers_takes_new_idx on mail_servers (takes_new) where takes_new;

-- Whoever makes a mailbox, and however: it lives where new ones are made.
create function mail_home() returns uuid stable language sql security definer set search_path = public, pg_temp as $$
    select id from mail_servers where takes_new
$$;

alter table mailboxes
    add column server_id uuid default mail_home() constraint mailboxes_server_id_fkey references mail_servers (id) on delete set null,
    -- Until when whoever logs in has to wait, after it went to another server.
    add column delay_until timestamptz;
create index mailboxes_server_idx on mailboxes (server_id, address) where archived_at is null and server_id is not null;

grant select, insert, update, delete on mail_servers to hostler_staff;
-- Customers' records and people's mail programs name them.
grant select (id, name, host_name, roles) on mail_servers to hostler_tenant, hostler_mailbox;
grant select (server_id, delay_until) on mailboxes to hostler_tenant;
alter table mail_servers enable row level security;
alter table mail_servers force row level security;
create policy staff on mail_servers to hostler_staff using (true) with check (true);
create policy tenant on mail_servers for select to hostler_tenant, hostler_mailbox using (true);
