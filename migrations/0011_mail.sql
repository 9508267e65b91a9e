-- Mail as it is meant to be on the new servers, beside what the old one's papers said.

-- Octets that a passwd-file's quota rule allows: `userdb_quota_rule=*:storage=1G` (Dovecot: kilobytes without a unit).
create function quota_in(extra text) returns bigint immutable language sql as $$
    select nullif(least(amount::numeric * case upper(unit) when 'B' then 1 when 'M' then 1048576 when 'G' then 1073741824
        when 'T' then 1099511627776 else 1024 end, 4611686018427387904), 0)::bigint
    from (select m[1] as amount, m[2] as unit from regexp_match(extra, 'quota_rule=\*:storage=(\d{1,15})([BKMGTbkmgt]?)') as m) found
$$;

alter table mailboxes
    -- Whose it is.
    add column name text not null default '' constraint mailboxes_name_check check (length(name) <= 200),
    -- What may be used of imap, pop3, smtp and sieve; mail arrives in any case.
    add column protocols text[] not null default array['imap', 'pop3', 'smtp', 'sieve']
        constraint mailboxes_protocols_check check (protocols <@ array['imap', 'pop3', 'smtp', 'sieve']),
    -- None: no limit.
    add column quota_bytes bigint constraint mailboxes_quota_bytes_check check (quota_bytes > 0),
    add column quota_messages integer constraint mailboxes_quota_messages_check check (quota_messages > 0),
    add column storage text not null default 'maildir' constraint mailboxes_storage_check check (storage in ('maildir', 'mdbox')),
    -- Where its mail goes as well, or, unless it is kept, instead.
    add column forward text[] not null default '{}',
    add column keep boolean not null default true,
    -- Addresses beside its own and its aliases' that it may send from.
    add column send_as text[] not null default '{}',
    add column reply_on boolean not null default false,
    add column reply_from date,
    add column reply_until date,
    add column reply_subject text not null default '' constraint mailboxes_reply_subject_check check (length(reply_subject) <= 200),
    add column reply_text text not null default '' constraint mailboxes_reply_text_check check (length(reply_text) <= 10000),
    add column reply_days smallint not null default 1 constraint mailboxes_reply_days_check check (reply_days between 1 and 60),
    -- While its mail is being moved senders are asked to come again.
    add column frozen_at timestamptz,
    add column password_at timestamptz,
    add constraint mailboxes_reply_check check (reply_from is null or reply_until is null or reply_from <= reply_until);
update mailboxes set quota_bytes = quota_in(extra);

create table app_passwords (
    id uuid constraint app_passwords_pkey primary key,
    mailbox_id uuid not null constraint app_passwords_mailbox_id_fkey references mailboxes (id) on delete cascade,
    -- The device, for people.
    label text not null constraint app_passwords_label_check check (length(label) between 1 and 60),
    hash text not null,
    protocols text[] not null constraint app_passwords_protocols_check
        check (protocols <@ array['imap', 'pop3', 'smtp', 'sieve'] and cardinality(protocols) > 0),
    created_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
);
create index app_passwords_mailbox_id_idx on app_passwords (mailbox_id) where revoked_at is null;

-- What a customer may have; none: no limit.
alter table plans
    add column max_mailboxes integer constraint plans_max_mailboxes_check check (max_mailboxes >= 0),
    add column max_mail_bytes bigint constraint plans_max_mail_bytes_check check (max_mail_bytes > 0);

grant select, insert, update, delete on app_passwords to hostler_staff;
-- The hash goes in and never comes out.
grant select (name, protocols, quota_bytes, quota_messages, storage, forward, keep, send_as, reply_on, reply_from, reply_until,
    reply_subject, reply_text, reply_days, frozen_at, password_at) on mailboxes to hostler_tenant;
grant insert, update on mailboxes, aliases to hostler_tenant;
grant select (id, mailbox_id, label, protocols, created_at, last_used_at, revoked_at), insert, update (revoked_at)
    on app_passwords to hostler_tenant;
alter table app_passwords enable row level security;
alter table app_passwords force row level security;
create policy staff on app_passwords to hostler_staff using (true) with check (true);
create policy tenant on app_passwords to hostler_tenant using (mailbox_id = any (array(select m.id from mailboxes m)))
    with check (mailbox_id = any (array(select m.id from mailboxes m)));
