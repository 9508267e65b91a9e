-- What the mail servers said of a mailbox last, beside what the papers said: those are compared with the next papers.
alter table mailboxes
    add column seen_bytes bigint constraint mailboxes_seen_bytes_check check (seen_bytes >= 0),
    add column seen_mails bigint constraint mailboxes_seen_mails_check check (seen_mails >= 0),
    add column seen_at timestamptz,
    -- Which one of this address it is: whoever is given the address of a mailbox that was given up does not get its mail.
    add column incarnation integer not null default 0;
grant select (seen_bytes, seen_mails, seen_at, incarnation) on mailboxes to hostler_tenant;
