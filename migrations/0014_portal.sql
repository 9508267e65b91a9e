-- The owner of a mailbox logs in with its address and password, and sees that one mailbox: a role of its own, whose
-- transactions name it in `hostler.mailbox`.
do $$
declare
    tries integer := 0;
begin
    loop
        begin
            if not exists (select from pg_roles where rolname = 'hostler_mailbox') then
                create role hostler_mailbox nologin nosuperuser nocreatedb nocreaterole noinherit;
            end if;
            if not exists (select from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles u on u.oid = m.member
                           where r.rolname = 'hostler_mailbox' and u.rolname = 'hostler_server') then
                grant hostler_mailbox to hostler_server;
            end if;
            exit;
        exception
            -- Roles belong to the whole cluster: another database of it may be migrated at this moment.
            when duplicate_object or unique_violation or internal_error then
                tries := tries + 1;
                if tries > 50 then raise; end if;
                perform pg_sleep(0.05);
        end;
    end loop;
end
$$;

-- From so many stars of `X-Spam-Level` on mail goes to the folder Junk; none: never.
alter table mailboxes add column junk_at smallint constraint mailboxes_junk_at_check check (junk_at between 1 and 20);
grant select (junk_at) on mailboxes to hostler_tenant;

-- Only the hash of a session's token is kept. One that began with another password is over.
create table mailbox_sessions (
    token_hash bytea constraint mailbox_sessions_pkey primary key,
    mailbox_id uuid not null constraint mailbox_sessions_mailbox_id_fkey references mailboxes (id) on delete cascade,
    password_at timestamptz,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,
    address text not null,
    agent text not null
);
create index mailbox_sessions_mailbox_id_idx on mailbox_sessions (mailbox_id);
alter table mailbox_sessions enable row level security;
alter table mailbox_sessions force row level security;
create policy staff on mailbox_sessions to hostler_staff using (true) with check (true);
grant select, insert, update, delete on mailbox_sessions to hostler_staff;

grant usage on schema public to hostler_mailbox;
grant usage on all sequences in schema public to hostler_mailbox;
grant select (id, name, customer_id, archived_at) on domains to hostler_mailbox;
grant select (id, address, domain_id, name, protocols, quota_bytes, quota_messages, storage, forward, keep, send_as, reply_on, reply_from,
    reply_until, reply_subject, reply_text, reply_days, junk_at, password_scheme, password_at, bytes, files, seen_bytes, seen_mails,
    seen_at, revision, created_at, updated_at, archived_at) on mailboxes to hostler_mailbox;
-- What an owner may set; the rest is its customer's.
grant update (forward, keep, reply_on, reply_from, reply_until, reply_subject, reply_text, reply_days, junk_at, password_hash,
    password_scheme, password_at, updated_at, revision) on mailboxes to hostler_mailbox;
grant select (id, mailbox_id, label, protocols, created_at, last_used_at, revoked_at), insert, update (revoked_at)
    on app_passwords to hostler_mailbox;
grant insert on audit to hostler_mailbox;
do $$
declare
    mailbox constant text := '(select nullif(current_setting(''hostler.mailbox'', true), '''')::uuid)';
begin
    execute format('create policy mailbox on mailboxes to hostler_mailbox using (id = %1$s) with check (id = %1$s)', mailbox);
    execute format('create policy mailbox on app_passwords to hostler_mailbox using (mailbox_id = %1$s) with check (mailbox_id = %1$s)', mailbox);
    create policy mailbox on domains to hostler_mailbox using (id = any (array(select m.domain_id from mailboxes m)));
    create policy mailbox_writes on audit for insert to hostler_mailbox
        with check (customer_id is null or customer_id = any (array(select d.customer_id from domains d)));
end
$$;
