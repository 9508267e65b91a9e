-- The role that the running panel has: it may read and write rows, and nothing else. Row-level security binds it,
-- as it is neither owner nor superuser; the audit log it may only extend.
do $$
begin
    if not exists (select from pg_roles where rolname = 'hostler_server') then
        create role hostler_server nosuperuser nocreatedb nocreaterole noinherit login;
    end if;
exception
    -- Another database of the same cluster is being migrated at this moment, or the role is someone else's to make.
    when duplicate_object or unique_violation then null;
end
$$;

grant usage on schema public to hostler_server;
grant select, insert, update, delete on all tables in schema public to hostler_server;
grant usage on all sequences in schema public to hostler_server;
alter default privileges in schema public grant select, insert, update, delete on tables to hostler_server;
alter default privileges in schema public grant usage on sequences to hostler_server;
revoke update, delete on audit from hostler_server;
