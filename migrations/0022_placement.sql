-- Where a mailbox lives and whether its mail waits is not its customer's to say. What makes or revives one writes these columns in
-- the customer's name, so no grant by column can tell the two apart.
create function placement_is_the_staffs() returns trigger language plpgsql as $$
begin
    if current_user = 'hostler_tenant' and old.archived_at is null
        and (new.server_id, new.frozen_at, new.delay_until) is distinct from (old.server_id, old.frozen_at, old.delay_until) then
        raise insufficient_privilege using message = 'where a mailbox lives is not its customer''s to say';
    end if;
    return new;
end
$$;
create trigger mailboxes_placement before update of server_id, frozen_at, delay_until on mailboxes
    for each row execute function placement_is_the_staffs();
