//! Whose rows there are: by raw SQL as the server's roles, and in lists, searches and CSV.

use crate::world::World;
use actix_web::http::StatusCode;
use sqlx::{PgPool, Row};

/// Tables whose rows belong to customers, with a way to count those that are not K1's.
const TABLES: &[(&str, &str)] = &[
    ("customers", "number <> 'K1'"),
    ("domains", "name not like 'k1-%'"),
    ("zones", "name not like 'k1-%'"),
    ("records", "owner not like '%k1-geheim%'"),
    ("zone_versions", "content not like '%k1-geheim%'"),
    ("homepages", "name not like '%k1-%'"),
    ("looks", "signals::text not like '%k1-geheim%'"),
    ("mailboxes", "address not like '%k1-%'"),
    ("aliases", "address not like '%k1-%'"),
    ("audit", "label not like 'k1-%'"),
    ("users", "email not like '%@k1.example'"),
];

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn raw_sql_as_the_servers_role_shows_no_foreign_row(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let k1 = world.things(1).await;
    for (table, foreign) in TABLES {
        let count = |setting: String| {
            let (pool, table, foreign) = (pool.clone(), *table, *foreign);
            async move {
                let mut tx = pool.begin().await.unwrap();
                sqlx::query("set local role hostler_tenant").execute(&mut *tx).await.unwrap();
                if !setting.is_empty() {
                    sqlx::query(sqlx::AssertSqlSafe(setting)).execute(&mut *tx).await.unwrap();
                }
                let sql = format!("select count(*), count(*) filter (where {foreign}) from {table}");
                let row = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *tx).await.unwrap();
                (row.get::<i64, _>(0), row.get::<i64, _>(1))
            }
        };
        assert_eq!(count(String::new()).await, (0, 0), "{table}: without a customer there is nothing");
        let own = count(format!("set local hostler.customer = '{}'", k1.customer)).await;
        assert!(own.0 > 0 && own.1 == 0, "{table}: {own:?}");
        let nobody = count("set local hostler.customer = '0193e0a0-0000-7000-8000-000000000001'".to_owned()).await;
        assert_eq!(nobody, (0, 0), "{table}");
        let broken = count("set local hostler.customer = ''".to_owned()).await;
        assert_eq!(broken, (0, 0), "{table}");
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn every_table_with_customers_rows_is_bound_and_the_server_reaches_none_before_it_says_for_whom(pool: PgPool) {
    World::new(pool.clone()).await;
    let open: Vec<(String,)> = sqlx::query_as(
        "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind = 'r' and not (c.relrowsecurity and c.relforcerowsecurity)
             and has_table_privilege('hostler_tenant', c.oid, 'select')",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let open: Vec<&str> = open.iter().map(|(n,)| n.as_str()).collect();
    assert_eq!(open, ["plans"], "readable by everybody");
    for (table, _) in TABLES.iter().filter(|(t, _)| !matches!(*t, "users" | "customers")) {
        let mut tx = pool.begin().await.unwrap();
        sqlx::query("set local role hostler_server").execute(&mut *tx).await.unwrap();
        let sql = format!("select count(*) from {table}");
        assert!(sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *tx).await.is_err(), "{table}");
    }
    let bound: Vec<(String, bool)> = sqlx::query_as(
        "select rolname::text, rolsuper or rolbypassrls or rolcreaterole from pg_roles where rolname like 'hostler\\_s%' or rolname = 'hostler_tenant'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert!(bound.len() >= 3 && bound.iter().all(|(_, may)| !may), "{bound:?}");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_tenant_cannot_write_foreign_rows_whatever_the_statement(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let (k1, k2) = (world.things(1).await, world.things(2).await);
    for sql in [
        format!(
            "insert into records (zone_id, owner, rtype, ttl, data) values ('{}', 'x.', 'A', 1, '192.0.2.1')",
            k2.zone
        ),
        format!("update records set zone_id = '{}'", k2.zone),
        format!(
            "insert into audit (at, actor, action, entity, entity_id, label, customer_id) values (now(), 'x', 'x', 'x', 'x', 'x', '{}')",
            k2.customer
        ),
        format!(
            "insert into users (id, email, name, role, customer_id, created_at) values (gen_random_uuid(), 'e@e', 'e', 'owner', '{}', now())",
            k2.customer
        ),
        "insert into users (id, email, name, role, created_at) values (gen_random_uuid(), 'e@e', 'e', 'admin', now())"
            .to_owned(),
        "update users set role = 'admin', customer_id = null".to_owned(),
        "update users set password_hash = 'x'".to_owned(),
        "select password_hash from users".to_owned(),
        "select password_hash from mailboxes".to_owned(),
        "select token_hash from sessions".to_owned(),
        "update zones set domain_id = null".to_owned(),
        "update customers set reseller_id = null".to_owned(),
        "delete from audit".to_owned(),
        "select * from row_counts".to_owned(),
        "select * from jobs".to_owned(),
        "select * from refusals".to_owned(),
        "set local row_security = off; select count(*) from zones".to_owned(),
        "alter table zones no force row level security".to_owned(),
        "drop policy tenant on zones".to_owned(),
    ] {
        let mut tx = pool.begin().await.unwrap();
        sqlx::raw_sql("set local role hostler_tenant").execute(&mut *tx).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("set local hostler.customer = '{}'", k1.customer)))
            .execute(&mut *tx)
            .await
            .unwrap();
        assert!(sqlx::raw_sql(sqlx::AssertSqlSafe(sql.clone())).execute(&mut *tx).await.is_err(), "{sql}");
    }
    let mut tx = pool.begin().await.unwrap();
    sqlx::raw_sql("set local role hostler_tenant").execute(&mut *tx).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("set local hostler.customer = '{}'", k1.customer)))
        .execute(&mut *tx)
        .await
        .unwrap();
    for sql in ["update zones set revision = 99", "delete from records", "update users set name = 'x'"] {
        sqlx::raw_sql(sql).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (revision, name): (i32, String) =
        sqlx::query_as("select z.revision, u.name from zones z, users u where z.id = $1 and u.id = $2")
            .bind(k2.zone)
            .bind(k2.login)
            .fetch_one(&pool)
            .await
            .unwrap();
    assert!(revision != 99 && name != "x");
    assert!(world.records(k2.zone).await > 0 && world.records(k1.zone).await == 0);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn lists_counts_and_searches_are_ones_own(pool: PgPool) {
    let world = World::new(pool).await;
    for (who, own, foreign) in [
        ("owner1@k1.example", vec!["k1-geheim"], vec!["k2-", "k3-", "k4-"]),
        ("r1@r1.example", vec!["k1-geheim", "k2-geheim"], vec!["k3-", "k4-"]),
        ("r2@r2.example", vec!["k3-geheim"], vec!["k1-", "k2-", "k4-"]),
        ("billing@h.example", vec!["k1-geheim", "k2-geheim", "k3-geheim", "k4-geheim"], vec![]),
    ] {
        let browser = world.as_(who).await;
        for path in [
            "/domains",
            "/domains?q=geheim&records=1",
            "/homepages",
            "/mail",
            "/mail?kind=alias",
            "/audit",
            "/audit.csv",
        ] {
            if path.starts_with("/audit") && who.starts_with("billing") {
                continue;
            }
            let page = browser.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{who} {path}");
            for name in &own {
                assert!(page.text.contains(name), "{who} {path} lacks {name}");
            }
            for name in &foreign {
                assert!(!page.text.contains(name), "{who} {path} shows {name}");
            }
        }
        let hits = format!("{} hit", own.len());
        assert!(browser.get("/domains").await.text.contains(&hits), "{who}: the number of domains");
        assert!(browser.get("/domains?q=geheim").await.text.contains(&hits), "{who}: the number found");
        let overview = browser.get("/").await;
        assert_eq!(overview.status, StatusCode::OK, "{who}");
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_customers_domain_is_its_customers_whatever_the_papers_say_of_resellers(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    // The list of domains names another reseller than the list of customers.
    sqlx::query("update domains set reseller_id = (select id from resellers where number = 'R2') where name = 'k1-geheim.example'")
        .execute(&pool)
        .await
        .unwrap();
    assert!(!world.as_("r2@r2.example").await.get("/domains").await.text.contains("k1-geheim"));
    assert!(world.as_("r1@r1.example").await.get("/domains").await.text.contains("k1-geheim"));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_plan_says_what_a_customers_people_may_touch(pool: PgPool) {
    let world = World::new(pool).await;
    let zone = world.things(1).await.zone;
    let browser = world.as_("member1@k1.example").await;
    let path = format!("/zones/{zone}");
    let add = |owner: &'static str, ttl: &'static str, rtype: &'static str, data: &'static str| {
        let (browser, path) = (&browser, &path);
        async move {
            let revision = browser.get(path).await.hidden("revision");
            browser
                .post(
                    &format!("{path}/records"),
                    &[("revision", &revision), ("owner", owner), ("ttl", ttl), ("rtype", rtype), ("data", data)],
                )
                .await
        }
    };
    let before = world.records(zone).await;
    assert_eq!(add("shop", "1h", "A", "192.0.2.7").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        add("@", "1h", "NS", "ns.evil.example.").await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the delegation"
    );
    assert_eq!(
        add("sub", "1h", "NS", "ns.evil.example.").await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "not in the plan"
    );
    let short = add("kurz", "1", "A", "192.0.2.8").await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.text.contains("60 seconds"), "{}", short.text);
    assert_eq!(world.records(zone).await, before + 1);
    let operator = world.as_("operator@h.example").await;
    let revision = operator.get(&path).await.hidden("revision");
    let fields = [("revision", revision.as_str()), ("owner", "sub"), ("rtype", "NS"), ("data", "ns.other.example.")];
    assert_eq!(
        operator.post(&format!("{path}/records"), &fields).await.status,
        StatusCode::SEE_OTHER,
        "staff are not bound"
    );
}

/// What an attacker with a customer's account put into a record: the end of the text field, and a form of its own.
const MARKUP: &str = "\"</textarea></form><form method=post action=/logins/invite><input name=role value=admin><button>Speichern</button></form>\"";

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_a_customer_writes_is_text_on_every_page_of_the_staff(pool: PgPool) {
    let world = World::new(pool).await;
    let zone = world.things(1).await.zone;
    let (owner, operator) = (world.as_("owner1@k1.example").await, world.as_("operator@h.example").await);
    let path = format!("/zones/{zone}");
    let revision = owner.get(&path).await.hidden("revision");
    let fields = [("revision", revision.as_str()), ("owner", "x"), ("rtype", "TXT"), ("data", MARKUP)];
    assert_eq!(owner.post(&format!("{path}/records"), &fields).await.status, StatusCode::SEE_OTHER);
    for page in ["", "/text", "/publish", "/versions", "?edit=1"] {
        let page = operator.get(&format!("{path}{page}")).await;
        assert!(page.status == StatusCode::OK && !page.text.contains("<form method=post"), "{}", page.text);
    }
    assert!(operator.get(&format!("{path}/text")).await.text.contains("&lt;/textarea>"), "it is there, as text");
    let stale =
        operator.post(&format!("{path}/text"), &[("revision", "1"), ("text", &format!("x TXT {MARKUP}"))]).await;
    assert!(
        stale.status == StatusCode::PRECONDITION_FAILED && !stale.text.contains("<form method=post"),
        "the answer to a stale edit"
    );
    let template = operator.post("/templates", &[("id", ""), ("name", ""), ("content", MARKUP)]).await;
    assert!(!template.text.contains("<form method=post action=/logins"), "{}", template.text);
    for page in ["/audit", "/search?q=textarea", "/domains?q=textarea&records=1"] {
        assert!(!operator.get(page).await.text.contains("<form method=post action=/logins"), "{page}");
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_customer_reads_its_log_without_the_providers_people(pool: PgPool) {
    let world = World::new(pool).await;
    let zone = world.things(1).await.zone;
    let operator = world.as_("operator@h.example").await;
    let path = format!("/zones/{zone}");
    let revision = operator.get(&path).await.hidden("revision");
    let fields = [("revision", revision.as_str()), ("owner", "x"), ("rtype", "A"), ("data", "192.0.2.9")];
    operator.post(&format!("{path}/records"), &fields).await;
    let owner = world.as_("owner1@k1.example").await;
    for page in ["/audit", "/audit.csv", "/api/v1/audit", "/"] {
        let text = owner.get(page).await.text;
        assert!(
            text.contains("(provider)") && !text.contains("operator@h.example") && !text.contains("192.0.2.77"),
            "{page}: {text}"
        );
    }
    assert!(!owner.get("/api/v1/audit?q=operator").await.text.contains("add-record"), "nor by searching for them");
    assert!(operator.get("/audit").await.text.contains("operator@h.example"));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_dry_run_is_refused_for_what_the_real_one_would_be(pool: PgPool) {
    let world = World::new(pool).await;
    let zone = world.things(1).await.zone;
    let owner = world.as_("owner1@k1.example").await;
    let tag = owner.get(&format!("/api/v1/zones/{zone}")).await.header("etag").to_owned();
    for (record, status) in [
        (
            serde_json::json!({ "owner": "@", "type": "NS", "data": "ns.evil.example." }),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (serde_json::json!({ "owner": "x", "type": "A", "data": "192.0.2.9" }), StatusCode::OK),
    ] {
        let request = actix_web::test::TestRequest::post()
            .uri(&format!("/api/v1/zones/{zone}/changes?dry_run=true"))
            .insert_header(("if-match", tag.as_str()))
            .insert_header(("origin", "https://panel.example"))
            .set_json(serde_json::json!({ "put": [record] }));
        let answer = owner.send(request).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(owner.get(&format!("/api/v1/zones/{zone}")).await.header("etag"), tag, "nothing happened");
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn where_a_mailbox_lives_is_not_its_customers_to_say(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let k1 = world.things(1).await;
    for (set, fine) in [
        ("frozen_at = now()", false),
        ("delay_until = now()", false),
        ("server_id = gen_random_uuid()", false),
        ("junk_at = 5", true),
        // What is as it was, is not said anew.
        ("frozen_at = frozen_at, junk_at = 6", true),
    ] {
        let mut tx = pool.begin().await.unwrap();
        let role = format!("set local role hostler_tenant; set local hostler.customer = '{}'", k1.customer);
        sqlx::raw_sql(sqlx::AssertSqlSafe(role)).execute(&mut *tx).await.unwrap();
        let sql = format!("update mailboxes set {set} where id = '{}'", k1.mailbox);
        let done = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await;
        assert_eq!(done.is_ok(), fine, "{set}: {done:?}");
    }
}
