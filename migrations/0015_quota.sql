-- `least` passes over nulls: a mailbox whose papers say no quota got the largest one there is.
create or replace function quota_in(extra text) returns bigint immutable language sql as $$
    select nullif(least(amount::numeric * case upper(unit) when 'B' then 1 when 'M' then 1048576 when 'G' then 1073741824
        when 'T' then 1099511627776 else 1024 end, 4611686018427387904), 0)::bigint
    from (select m[1] as amount, m[2] as unit from regexp_match(extra, 'quota_rule=\*:storage=(\d{1,15})([BKMGTbkmgt]?)') as m) found
    where amount is not null
$$;
update mailboxes set quota_bytes = null where quota_bytes = 4611686018427387904 and quota_in(extra) is null;
