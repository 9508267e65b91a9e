-- Keys with which the mail of a domain is signed (DKIM).

create table dkim_keys (
    id uuid constraint dkim_keys_pkey primary key,
    domain_id uuid not null constraint dkim_keys_domain_id_fkey references domains (id) on delete cascade,
    selector text not null constraint dkim_keys_selector_check check (selector ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    algorithm text not null constraint dkim_keys_algorithm_check check (algorithm in ('rsa2048', 'ed25519')),
    public_key text not null,
    -- Gone when nothing is signed with it any more.
    private_key text,
    created_at timestamptz not null,
    -- When its record was first answered, when it began to sign, when it ended, and when its record could go.
    seen_at timestamptz,
    signing_at timestamptz,
    retiring_at timestamptz,
    retired_at timestamptz,
    -- A name that receivers may remember is not given to another key.
    constraint dkim_keys_selector_key unique (domain_id, selector),
    constraint dkim_keys_private_key_check check (private_key is not null or retired_at is not null)
);
create index dkim_keys_open_idx on dkim_keys (created_at) where retired_at is null;

grant select, insert, update, delete on dkim_keys to hostler_staff;
grant select (id, domain_id, selector, algorithm, public_key, created_at, seen_at, signing_at, retiring_at, retired_at), insert, delete,
    update (seen_at, signing_at, retiring_at, retired_at, private_key) on dkim_keys to hostler_tenant;
alter table dkim_keys enable row level security;
alter table dkim_keys force row level security;
create policy staff on dkim_keys to hostler_staff using (true) with check (true);
create policy tenant on dkim_keys to hostler_tenant using (domain_id = any (array(select d.id from domains d)))
    with check (domain_id = any (array(select d.id from domains d)));
