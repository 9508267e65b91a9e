-- Texts of new zones, with variables such as {{ipv4}}.
create table zone_templates (
    id uuid constraint zone_templates_pkey primary key,
    name text not null constraint zone_templates_name_key unique constraint zone_templates_name_check check (length(name) between 1 and 60),
    content text not null,
    revision integer not null default 1,
    updated_at timestamptz not null
);
grant select, insert, update, delete on zone_templates to hostler_staff;
insert into zone_templates (id, name, content, updated_at) values ('00000000-0000-7000-8000-000000000002', 'Standard',
    E'$TTL 3600\n@ SOA {{ns1}} {{hostmaster}} 1 14400 1800 1209600 3600\n@ NS {{ns1}}\n@ NS {{ns2}}\n@ A {{ipv4}}\nwww CNAME @\n@ MX 10 {{mx}}\n@ TXT "v=spf1 mx -all"\n', now());
