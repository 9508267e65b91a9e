-- Whoever watches events hears that there is something new in the log; what of it they may see, they ask in their own name.
create function tell_news() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_notify('hostler_news', '');
    return null;
end
$$;
create trigger audit_news after insert on audit for each statement execute function tell_news();
