-- Who uses a mailbox, as the mail servers' logs say.

alter table mailboxes add column last_login_at timestamptz;
grant select (last_login_at) on mailboxes to hostler_tenant, hostler_mailbox;
create index mailboxes_login_idx on mailboxes ((coalesce(last_login_at, '-infinity'::timestamptz)), address) where archived_at is null;

-- The time that logs were read of, so that silence before it is not taken for disuse.
create table mail_logs (
    one boolean constraint mail_logs_pkey primary key default true constraint mail_logs_one_check check (one),
    first_at timestamptz not null,
    last_at timestamptz not null
);
alter table mail_logs enable row level security;
alter table mail_logs force row level security;
create policy staff on mail_logs to hostler_staff using (true) with check (true);
create policy tenant on mail_logs for select to hostler_tenant using (true);
grant select, insert, update on mail_logs to hostler_staff;
grant select on mail_logs to hostler_tenant;
