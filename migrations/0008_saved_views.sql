-- Views of a list that somebody keeps: the whole of it is its query. They are their maker's, as sessions and tokens are.
create table saved_views (
    id uuid constraint saved_views_pkey primary key,
    user_id uuid not null constraint saved_views_user_id_fkey references users (id) on delete cascade,
    list text not null,
    name text not null constraint saved_views_name_check check (length(name) between 1 and 60),
    query text not null constraint saved_views_query_check check (length(query) <= 2000),
    created_at timestamptz not null,
    constraint saved_views_key unique (user_id, list, name)
);
grant select, insert, update, delete on saved_views to hostler_server;
