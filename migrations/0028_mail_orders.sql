-- The orders of the list of mailboxes are read from indexes alone: what an expression is made of has to stand in them for that. The last
-- log-in had none for the latest first, and those with a scheme of password were looked for in all.

drop index mailboxes_bytes_idx;
drop index mailboxes_bytes_desc_idx;
drop index mailboxes_files_idx;
drop index mailboxes_files_desc_idx;
drop index mailboxes_login_idx;
create index mailboxes_bytes_idx on mailboxes (coalesce(seen_bytes, bytes), address)
    include (seen_bytes, bytes) where archived_at is null;
create index mailboxes_bytes_desc_idx on mailboxes (coalesce(seen_bytes, bytes) desc nulls last, address)
    include (seen_bytes, bytes) where archived_at is null;
create index mailboxes_files_idx on mailboxes (coalesce(seen_mails, files), address)
    include (seen_mails, files) where archived_at is null;
create index mailboxes_files_desc_idx on mailboxes (coalesce(seen_mails, files) desc nulls last, address)
    include (seen_mails, files) where archived_at is null;
create index mailboxes_login_idx on mailboxes (coalesce(last_login_at, '-infinity'::timestamptz), address)
    include (last_login_at) where archived_at is null;
create index mailboxes_login_desc_idx on mailboxes (coalesce(last_login_at, '-infinity'::timestamptz) desc nulls last, address)
    include (last_login_at) where archived_at is null;
create index mailboxes_scheme_idx on mailboxes (password_scheme, address) where archived_at is null;
