-- Who sees which rows. The panel connects as `hostler_server`, which can reach no row that belongs to a customer. Each
-- transaction then takes one of two roles that own nothing and cannot switch row-level security off:
--   hostler_staff   all rows. Its policies are plain `true`, so that the planner may use every index (a condition
--                   that is not leak-proof, such as ILIKE, must otherwise wait until row-level security has had its say).
--   hostler_tenant  the rows of the customer or reseller that `hostler.customer` or `hostler.reseller` names; of none
--                   if neither is set.
-- Each narrowing is an array made once for a statement, so that the indexes on the foreign keys serve.

do $$
declare
    tries integer := 0;
begin
    loop
        begin
            if not exists (select from pg_roles where rolname = 'hostler_staff') then
                create role hostler_staff nologin nosuperuser nocreatedb nocreaterole noinherit;
            end if;
            if not exists (select from pg_roles where rolname = 'hostler_tenant') then
                create role hostler_tenant nologin nosuperuser nocreatedb nocreaterole noinherit;
            end if;
            if not exists (select from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles u on u.oid = m.member
                           where r.rolname = 'hostler_staff' and u.rolname = 'hostler_server') then
                grant hostler_staff to hostler_server;
            end if;
            if not exists (select from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles u on u.oid = m.member
                           where r.rolname = 'hostler_tenant' and u.rolname = 'hostler_server') then
                grant hostler_tenant to hostler_server;
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

alter default privileges in schema public revoke select, insert, update, delete on tables from hostler_server;
revoke all on all tables in schema public from hostler_server;

grant usage on schema public to hostler_staff, hostler_tenant;
grant usage on all sequences in schema public to hostler_staff, hostler_tenant;

-- Before anybody is known: people, their sessions and links, the queue and the outbox.
grant select, insert, update, delete on users, sessions, login_failures, recovery_codes, passkeys, mail_links,
    api_tokens, idempotency_keys, jobs, outbox to hostler_server;
grant select (id, number, company, reseller_id, archived_at) on customers to hostler_server;
grant select on resellers to hostler_server;
grant insert on audit to hostler_server;

grant select, insert, update, delete on resellers, customers, domains, zones, records, zone_versions, homepages, mailboxes,
    aliases, imports, refusals, problems, jobs, users, sessions, mail_links, outbox, plans, api_tokens
    to hostler_staff;
grant select, insert on audit to hostler_staff;
grant select on row_counts to hostler_staff;

grant select on resellers, customers, domains, zones, zone_versions, homepages, aliases, audit, plans to hostler_tenant;
-- Not the password's hash, nor what else an old passwd-file said.
grant select (id, address, domain_id, path, password_scheme, bytes, files, revision, created_at, updated_at, archived_at)
    on mailboxes to hostler_tenant;
grant select, insert, update, delete on records to hostler_tenant;
grant insert on zone_versions, audit, users, mail_links, outbox to hostler_tenant;
grant update (revision, errors, warnings, records, changed, published_number, published_serial, updated_at) on zones to hostler_tenant;
grant select (id, email, name, role, created_at, disabled_at, customer_id, reseller_id, lang, revision, last_login_at, accepted_at), update (name, role, disabled_at, revision)
    on users to hostler_tenant;
grant select on outbox to hostler_tenant;
grant select (id, user_id), delete on sessions to hostler_tenant;
grant select (id, user_id, revoked_at), update (revoked_at) on api_tokens to hostler_tenant;
grant select (user_id, purpose, used_at), update (used_at) on mail_links to hostler_tenant;

do $$
declare
    entity text;
    -- Who the transaction is for.
    customer constant text := '(select nullif(current_setting(''hostler.customer'', true), '''')::uuid)';
    reseller constant text := '(select nullif(current_setting(''hostler.reseller'', true), '''')::uuid)';
    customers constant text := 'any (array(select c.id from customers c))';
    domains constant text := 'any (array(select d.id from domains d))';
    zones constant text := 'any (array(select z.id from zones z))';
    users constant text := 'any (array(select u.id from users u))';
begin
    foreach entity in array array['resellers', 'customers', 'domains', 'zones', 'records', 'zone_versions', 'homepages', 'mailboxes',
        'aliases', 'audit', 'users', 'sessions', 'mail_links', 'outbox', 'api_tokens'] loop
        execute format('alter table %I enable row level security', entity);
        execute format('alter table %I force row level security', entity);
        execute format('create policy staff on %I to hostler_staff using (true) with check (true)', entity);
    end loop;
    -- What is needed before anybody is known.
    foreach entity in array array['resellers', 'customers', 'users', 'sessions', 'mail_links', 'outbox', 'api_tokens', 'audit'] loop
        execute format('create policy server on %I to hostler_server using (true) with check (true)', entity);
    end loop;
    execute format('create policy tenant on resellers to hostler_tenant using (id = %s)', reseller);
    execute format('create policy tenant on customers to hostler_tenant using (id = %s or reseller_id = %s)', customer, reseller);
    -- The customer decides whose a domain is; only one without a customer is its reseller's own.
    execute format('create policy tenant on domains to hostler_tenant using (customer_id = %1$s or (customer_id is null and reseller_id = %2$s))
        with check (customer_id = %1$s)', customers, reseller);
    execute format('create policy tenant on zones to hostler_tenant using (domain_id = %1$s) with check (domain_id = %1$s)', domains);
    foreach entity in array array['records', 'zone_versions'] loop
        execute format('create policy tenant on %I to hostler_tenant using (zone_id = %2$s) with check (zone_id = %2$s)', entity, zones);
    end loop;
    foreach entity in array array['homepages', 'mailboxes', 'aliases'] loop
        execute format('create policy tenant on %I to hostler_tenant using (domain_id = %s)', entity, domains);
    end loop;
    execute format('create policy tenant_reads on audit for select to hostler_tenant using (customer_id = %s)', customers);
    execute format('create policy tenant_writes on audit for insert to hostler_tenant with check (customer_id = %s or customer_id is null)', customers);
    -- A reseller sees its own logins and those of its customers; nobody here makes staff or resellers.
    execute format('create policy tenant on users to hostler_tenant using (customer_id = %1$s or reseller_id = %2$s)
        with check (customer_id = %1$s and role in (''owner'', ''member'', ''payer''))', customers, reseller);
    execute format('create policy tenant on outbox to hostler_tenant using (customer_id = %1$s) with check (customer_id = %1$s)', customers);
    foreach entity in array array['sessions', 'mail_links', 'api_tokens'] loop
        execute format('create policy tenant on %I to hostler_tenant using (user_id = %2$s) with check (user_id = %2$s)', entity, users);
    end loop;
end
$$;

-- The queue is the staff's; a tenant's change may cause work all the same.
create function enqueue_job(new_id uuid, new_kind text, new_payload jsonb, new_dedup text, due timestamptz, maker text)
returns uuid language sql security definer set search_path = public, pg_temp as $$
    insert into jobs (id, kind, payload, dedup_key, run_at, created_at, created_by)
    values (new_id, new_kind, new_payload, new_dedup, due, due, maker)
    on conflict (dedup_key) where state = 'waiting' do update set payload = excluded.payload
    returning id
$$;
revoke all on function enqueue_job from public;
grant execute on function enqueue_job to hostler_server, hostler_staff, hostler_tenant;
