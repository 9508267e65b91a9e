-- People beyond the staff: resellers, customers with several logins; second factors; links sent by mail; the outbox.

alter table users
    add column customer_id uuid constraint users_customer_id_fkey references customers (id),
    add column reseller_id uuid constraint users_reseller_id_fkey references resellers (id),
    add column lang text not null default 'de' constraint users_lang_check check (lang in ('de', 'en')),
    -- Rises with every change that must end what was handed out before: password, role, factors.
    add column revision integer not null default 1,
    -- Base32 secret of the time-based codes (RFC 6238), once they are confirmed.
    add column totp_secret text,
    -- The last time step that was used: a code works once (RFC 6238 §5.2).
    add column totp_step bigint not null default 0,
    add column last_login_at timestamptz,
    -- When its invitation was taken up; until then nobody but the staff sees that the login is there.
    add column accepted_at timestamptz,
    alter column password_hash drop not null,
    drop constraint users_role_check,
    add constraint users_role_check check (
        (role in ('admin', 'operator', 'billing') and customer_id is null and reseller_id is null)
        or (role = 'reseller' and customer_id is null and reseller_id is not null)
        or (role in ('owner', 'member', 'payer') and customer_id is not null and reseller_id is null));
update users set accepted_at = created_at;
create index users_customer_id_idx on users (customer_id);
create index users_reseller_id_idx on users (reseller_id);

alter table resellers add column name text not null default '';

alter table sessions
    add column id uuid not null default gen_random_uuid() constraint sessions_id_key unique,
    -- What is still missing: nothing, the second factor, or a second factor that must be set up first.
    add column state text not null default 'full'
        constraint sessions_state_check check (state in ('full', 'second', 'enrol')),
    -- "View as": the customer, and whether changes are allowed. Ends with the session.
    add column acting_customer_id uuid constraint sessions_acting_customer_id_fkey references customers (id) on delete set null,
    add column acting_writes boolean not null default false,
    -- A challenge or an unconfirmed secret that this session waits for.
    add column pending jsonb;

create table recovery_codes (
    user_id uuid not null constraint recovery_codes_user_id_fkey references users (id) on delete cascade,
    code_hash bytea not null,
    used_at timestamptz,
    constraint recovery_codes_pkey primary key (user_id, code_hash)
);

create table passkeys (
    id uuid constraint passkeys_pkey primary key,
    user_id uuid not null constraint passkeys_user_id_fkey references users (id) on delete cascade,
    credential_id bytea not null constraint passkeys_credential_id_key unique,
    name text not null,
    credential jsonb not null,
    created_at timestamptz not null,
    last_used_at timestamptz
);
create index passkeys_user_id_idx on passkeys (user_id);

-- Links that were mailed: each works once, for an hour (invitations longer), and only while nothing changed.
create table mail_links (
    token_hash bytea constraint mail_links_pkey primary key,
    user_id uuid not null constraint mail_links_user_id_fkey references users (id) on delete cascade,
    purpose text not null constraint mail_links_purpose_check
        check (purpose in ('invite', 'reset', 'address-old', 'address-new')),
    -- The new address of a change; both ends of it share a `change_id`.
    address text,
    change_id uuid,
    user_revision integer not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index mail_links_user_id_idx on mail_links (user_id);
create index mail_links_change_id_idx on mail_links (change_id);

create table outbox (
    id uuid constraint outbox_pkey primary key,
    user_id uuid constraint outbox_user_id_fkey references users (id) on delete set null,
    customer_id uuid constraint outbox_customer_id_fkey references customers (id) on delete set null,
    kind text not null,
    recipient text not null,
    subject text not null,
    -- Emptied once it is sent: it may hold a link.
    body text not null,
    state text not null default 'waiting' constraint outbox_state_check check (state in ('waiting', 'sent', 'failed', 'bounced')),
    attempts integer not null default 0,
    next_at timestamptz not null,
    created_at timestamptz not null,
    sent_at timestamptz,
    -- What the mail server said, or why it came back.
    reply text
);
create index outbox_waiting_idx on outbox (next_at) where state = 'waiting';
create index outbox_user_id_idx on outbox (user_id, created_at desc);

-- Tokens for automation: the token itself is shown once and stored nowhere.
create table api_tokens (
    id uuid constraint api_tokens_pkey primary key,
    token_hash bytea not null constraint api_tokens_token_hash_key unique,
    user_id uuid not null constraint api_tokens_user_id_fkey references users (id) on delete cascade,
    name text not null constraint api_tokens_name_check check (length(name) between 1 and 100),
    actions text[] not null,
    -- CIDR networks from which it works; empty: from everywhere.
    networks text[] not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    last_used_at timestamptz,
    last_address text,
    revoked_at timestamptz
);
create index api_tokens_user_id_idx on api_tokens (user_id);

-- Answers to creations that were sent with an Idempotency-Key: the same request again gets the same answer.
create table idempotency_keys (
    user_id uuid not null constraint idempotency_keys_user_id_fkey references users (id) on delete cascade,
    key text not null,
    request_hash bytea not null,
    status integer,
    body text,
    created_at timestamptz not null,
    constraint idempotency_keys_pkey primary key (user_id, key)
);
create index idempotency_keys_created_at_idx on idempotency_keys (created_at);

-- The log says through whom, from where, whose, and which changes belong together.
alter table audit
    add column via text,
    add column address text,
    add column customer_id uuid,
    add column batch_id uuid,
    -- The entry that this one takes back.
    add column undoes bigint;
create index audit_customer_id_idx on audit (customer_id, id desc);
create index audit_batch_id_idx on audit (batch_id) where batch_id is not null;
create index audit_undoes_idx on audit (undoes) where undoes is not null;
create index audit_label_idx on audit using gin ((label || ' ' || actor) gin_trgm_ops);

-- What a customer's people may change in zones.
create table plans (
    id uuid constraint plans_pkey primary key,
    name text not null constraint plans_name_key unique constraint plans_name_check check (length(name) between 1 and 60),
    record_types text[] not null,
    max_records integer not null constraint plans_max_records_check check (max_records between 1 and 100000),
    min_ttl integer not null constraint plans_min_ttl_check check (min_ttl between 0 and 604800),
    revision integer not null default 1
);
insert into plans (id, name, record_types, max_records, min_ttl) values
    ('00000000-0000-7000-8000-000000000001', 'Standard',
     array['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'SRV', 'CAA', 'TLSA', 'SSHFP', 'HTTPS', 'SVCB'], 200, 60);
alter table customers add column plan_id uuid not null default '00000000-0000-7000-8000-000000000001'
    constraint customers_plan_id_fkey references plans (id);
