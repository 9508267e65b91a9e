-- People, sessions, the audit log and the job queue.
-- Every constraint has a name: the store maps names to field errors.

create extension if not exists pg_trgm;

create table users (
    id uuid constraint users_pkey primary key,
    email text not null constraint users_email_key unique,
    name text not null,
    role text not null constraint users_role_check check (role in ('admin', 'operator', 'billing')),
    password_hash text not null,
    created_at timestamptz not null,
    disabled_at timestamptz
);

create table sessions (
    token_hash bytea constraint sessions_pkey primary key,
    user_id uuid not null constraint sessions_user_id_fkey references users (id) on delete cascade,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,
    address text not null,
    agent text not null
);
create index sessions_user_id_idx on sessions (user_id);
create index sessions_expires_at_idx on sessions (expires_at);

-- One row for each account and each address that failed to log in lately.
create table login_failures (
    key text constraint login_failures_pkey primary key,
    failures integer not null,
    last_at timestamptz not null
);

create table audit (
    id bigint generated always as identity constraint audit_pkey primary key,
    at timestamptz not null,
    actor text not null,
    request_id text,
    action text not null,
    entity text not null,
    entity_id text not null,
    label text not null,
    before jsonb,
    after jsonb
);
create index audit_entity_idx on audit (entity, entity_id, id desc);

create table jobs (
    id uuid constraint jobs_pkey primary key,
    kind text not null,
    payload jsonb not null,
    -- Jobs of one key wait only once: a second request while one waits is the same request.
    dedup_key text,
    state text not null default 'waiting' constraint jobs_state_check
        check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
    attempts integer not null default 0,
    max_attempts integer not null default 5,
    run_at timestamptz not null,
    created_at timestamptz not null,
    created_by text not null,
    started_at timestamptz,
    heartbeat_at timestamptz,
    finished_at timestamptz,
    cancel_requested boolean not null default false,
    progress_done bigint not null default 0,
    progress_total bigint not null default 0,
    progress_note text not null default '',
    result jsonb,
    error text
);
create index jobs_waiting_idx on jobs (run_at) where state = 'waiting';
create index jobs_running_idx on jobs (heartbeat_at) where state = 'running';
create unique index jobs_dedup_key_idx on jobs (dedup_key) where state = 'waiting';
