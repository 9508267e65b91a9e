-- Tries are counted in one statement; an address may be invited by several households, and belongs to the first that
-- takes it up; the log knows its people by their ids, as addresses change hands.

-- Pause after so many failures in a row: five are free, then it doubles from one second up to 512.
create function login_pause(failures integer) returns interval immutable language sql as $$
    select case when failures < 5 then interval '0' else make_interval(secs => 2 ^ least(failures - 5, 9)) end
$$;
create index login_failures_last_at_idx on login_failures (last_at);

-- An invitation claims nothing: whoever takes it up first has the address.
alter table users drop constraint users_email_key;
create unique index users_email_key on users (email) where accepted_at is not null;
create index users_invited_idx on users (email) where accepted_at is null;

alter table audit add column actor_id uuid;
update audit a set actor_id = u.id from users u where u.email = a.actor and u.accepted_at is not null;
alter table zone_versions add column created_by_id uuid;
update zone_versions v set created_by_id = u.id from users u where u.email = v.created_by and u.accepted_at is not null;

-- What every page of the staff asks for, and what an invitation's bounds are read from.
create index jobs_active_idx on jobs (created_at) where state in ('waiting', 'running');
create index jobs_finished_at_idx on jobs (finished_at) where finished_at is not null;
create index outbox_invite_idx on outbox (customer_id, created_at) where kind = 'invite';
create index outbox_created_at_idx on outbox (created_at);
create index mail_links_expires_at_idx on mail_links (expires_at);

-- An invitation that was taken back: its mail is not sent any more, and the link in it leads nowhere.
alter table outbox add column withdrawn_at timestamptz;
grant update (withdrawn_at) on outbox to hostler_tenant;

-- Whether an address has a login already, in whatever household: who invites it is not told, but the mail says so.
create function address_taken(wanted text) returns boolean language sql stable security definer set search_path = public, pg_temp as $$
    select exists (select from users where email = wanted and accepted_at is not null)
$$;
revoke all on function address_taken from public;
grant execute on function address_taken to hostler_server, hostler_staff, hostler_tenant;
do $$
begin
    -- Row-level security binds the owner as well; the function above runs in its name.
    execute format('create policy owner on users for select to %I using (true)', current_user);
end
$$;
