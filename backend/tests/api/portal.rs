//! The owner of a mailbox: one's own mailbox, by its own password, and nothing else.

use crate::{
    support::{Answer, Browser, panel},
    world::World,
};
use actix_web::{
    http::{Method, StatusCode},
    test::TestRequest,
};
use serde_json::json;
use sqlx::PgPool;

const PASSWORD: &str = "vier Worte ohne Sinn 47";
const OLD: &str = "altes-passwort";

async fn log_in(browser: &Browser, address: &str, password: &str) -> Option<Browser> {
    let answer = browser.post("/my/login", &[("address", address), ("password", password)]).await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    match answer.status {
        StatusCode::SEE_OTHER => Some(browser.with_cookie(&cookie)),
        StatusCode::UNPROCESSABLE_ENTITY => None,
        other => panic!("{other}: {}", answer.text),
    }
}

fn in_out(answer: &Answer) -> bool {
    answer.status == StatusCode::SEE_OTHER && answer.header("location") == "/my/login"
}

async fn make(browser: &Browser, address: &str) {
    let body = json!({ "address": address, "password": PASSWORD });
    let made = browser.json(Method::POST, "/api/v1/mailboxes", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
}

async fn scalar<T>(pool: &PgPool, sql: &'static str) -> T
where
    T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn an_owner_sets_what_is_ones_own(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let nobody = world.nobody();
    make(&world.as_("owner1@k1.example").await, "chef@k1-geheim.example").await;
    assert!(log_in(&nobody, "chef@k1-geheim.example", "ein falsches Passwort").await.is_none());
    assert!(log_in(&nobody, "niemand@k1-geheim.example", PASSWORD).await.is_none());
    assert!(log_in(&nobody, "post@k1-geheim.example", "").await.is_none(), "no password opens nothing");
    assert!(in_out(&nobody.get("/my").await));
    let chef = log_in(&nobody, " Chef@K1-Geheim.example ", PASSWORD).await.unwrap();
    let page = chef.get("/my").await;
    assert!(page.status == StatusCode::OK && page.text.contains("chef@k1-geheim.example"), "{}", page.text);
    // It is no login: nothing else is open to it, nor is the mailbox to who has a login.
    assert_eq!(chef.get("/domains").await.header("location"), "/login?next=%2Fdomains");
    assert_eq!(chef.get("/api/v1/domains").await.status, StatusCode::UNAUTHORIZED);
    assert!(in_out(&world.as_("owner1@k1.example").await.get("/my").await));
    let revision = page.hidden("revision");
    let reply = [
        ("revision", revision.as_str()),
        ("part", "reply"),
        ("reply_on", "1"),
        ("reply_text", "Bin weg"),
        ("reply_days", "2"),
        // What is not one's own is not in one's form, and does nothing.
        ("quota_bytes", "100 GB"),
        ("name", "Anders"),
    ];
    assert_eq!(chef.post("/my", &reply).await.status, StatusCode::SEE_OTHER);
    assert_eq!(chef.post("/my", &reply).await.status, StatusCode::PRECONDITION_FAILED, "the revision is an old one");
    let row: (bool, String, Option<i64>, String) = sqlx::query_as(
        "select reply_on, reply_text, quota_bytes, name from mailboxes where address = 'chef@k1-geheim.example'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(row, (true, "Bin weg".to_owned(), None, String::new()));
    let revision = chef.get("/my").await.hidden("revision");
    let mut fields = vec![("revision", revision.as_str()), ("part", "junk"), ("junk_at", "99")];
    let wrong = chef.post("/my", &fields).await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text.contains("value=\"99\""), "{}", wrong.text);
    fields[2].1 = "5";
    assert_eq!(chef.post("/my", &fields).await.status, StatusCode::SEE_OTHER);
    // Forwards are judged by what is around: a circle is one, also over another's mailbox.
    let owner = world.as_("owner1@k1.example").await;
    let circle = json!({ "address": "kreis@k1-geheim.example", "targets": ["chef@k1-geheim.example"] });
    assert_eq!(owner.json(Method::POST, "/api/v1/aliases", &circle).await.status, StatusCode::CREATED);
    let revision = chef.get("/my").await.hidden("revision");
    for (to, status) in [
        ("kreis@k1-geheim.example", StatusCode::UNPROCESSABLE_ENTITY),
        ("|cmd", StatusCode::UNPROCESSABLE_ENTITY),
        ("fern@else.example", StatusCode::SEE_OTHER),
    ] {
        let fields = [("revision", revision.as_str()), ("part", "forward"), ("forward", to), ("keep", "1")];
        assert_eq!(chef.post("/my", &fields).await.status, status, "{to}");
    }
    let who: (String, String, Option<uuid::Uuid>) =
        sqlx::query_as("select actor, via, customer_id from audit order by id desc limit 1")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!((who.0.as_str(), who.1.as_str()), ("chef@k1-geheim.example", "mailbox"));
    assert_eq!(who.2, Some(world.things(1).await.customer), "the customer reads it");
    assert!(owner.get("/audit").await.text.contains("chef@k1-geheim.example"));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn passwords_of_the_mailbox_and_of_devices(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let nobody = world.nobody();
    make(&world.as_("owner1@k1.example").await, "chef@k1-geheim.example").await;
    let chef = log_in(&nobody, "chef@k1-geheim.example", PASSWORD).await.unwrap();
    let phone = log_in(&nobody, "chef@k1-geheim.example", PASSWORD).await.unwrap();
    let made = chef.post("/my/app-passwords", &[("label", "Telefon"), ("app_protocols", "imap")]).await;
    assert!(made.status == StatusCode::OK && made.text.contains("class=\"secret\""), "{}", made.text);
    assert!(chef.get("/my").await.text.contains("Telefon"));
    let foreign: uuid::Uuid =
        scalar(&pool, "select id from app_passwords where label = 'geheimes-telefon' limit 1").await;
    let revoke = |id: uuid::Uuid| format!("/my/app-passwords/{id}/revoke");
    assert_eq!(chef.post(&revoke(foreign), &[]).await.status, StatusCode::NOT_FOUND);
    let own: uuid::Uuid = scalar(&pool, "select id from app_passwords where label = 'Telefon'").await;
    assert_eq!(chef.post(&revoke(own), &[]).await.status, StatusCode::SEE_OTHER);
    let new = "noch vier andere Worte 12";
    for (old, wanted, status) in [
        ("falsch falsch falsch", new, StatusCode::UNPROCESSABLE_ENTITY),
        (PASSWORD, "kurz", StatusCode::UNPROCESSABLE_ENTITY),
        (PASSWORD, new, StatusCode::SEE_OTHER),
    ] {
        let answer = chef.post("/my/password", &[("old_password", old), ("new_password", wanted)]).await;
        assert_eq!(answer.status, status, "{wanted}");
        assert!(!answer.text.contains(PASSWORD) && !answer.text.contains(new));
    }
    assert_eq!(chef.get("/my").await.status, StatusCode::OK, "this one goes on");
    assert!(in_out(&phone.get("/my").await), "the others are over");
    assert!(log_in(&nobody, "chef@k1-geheim.example", PASSWORD).await.is_none());
    assert!(log_in(&nobody, "chef@k1-geheim.example", new).await.is_some());
    assert_eq!(chef.post("/my/logout", &[]).await.header("location"), "/my/login");
    assert!(in_out(&chef.get("/my").await));
    // A mailbox that is given up opens to nobody.
    let again = log_in(&nobody, "chef@k1-geheim.example", new).await.unwrap();
    sqlx::query("update mailboxes set archived_at = now() where address = 'chef@k1-geheim.example'")
        .execute(&pool)
        .await
        .unwrap();
    assert!(in_out(&again.get("/my").await));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn passwords_of_the_old_server_open_the_page_and_are_called_old(pool: PgPool) {
    let browser = panel(pool).await;
    // `doveadm pw -s SSHA`
    let passwd = "alt@alt.example:{SSHA}pf6+nb7IXv9rCLb24PnZNpXb88t80gp8:5000:5000::/x::\n";
    browser.import(&[("domains.csv", "Domain;Kundennr\nalt.example;\n"), ("mail/passwd", passwd)]).await;
    assert!(log_in(&browser, "alt@alt.example", OLD).await.is_none());
    let alt = log_in(&browser, "alt@alt.example", "geheim").await.unwrap();
    let page = alt.get("/my").await;
    assert!(page.text.contains("SSHA"), "{}", page.text);
}

/// What the role of owners reaches in the database, whatever the code asks.
#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn the_database_shows_an_owner_one_mailbox(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let mailbox = world.things(1).await.mailbox;
    let as_owner = |sql: String| {
        let pool = pool.clone();
        async move {
            let mut tx = pool.begin().await.unwrap();
            for set in ["set local role hostler_server", "set local role hostler_mailbox"] {
                sqlx::query(set).execute(&mut *tx).await.unwrap();
            }
            let set = format!("set local hostler.mailbox = '{mailbox}'");
            sqlx::query(sqlx::AssertSqlSafe(set)).execute(&mut *tx).await.unwrap();
            sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *tx).await
        }
    };
    for (table, rows) in [("mailboxes", 1), ("app_passwords", 1), ("domains", 1)] {
        assert_eq!(as_owner(format!("select count(id) from {table}")).await.unwrap(), rows, "{table}");
    }
    for table in
        ["customers", "aliases", "zones", "records", "users", "sessions", "mailbox_sessions", "audit", "jobs", "outbox"]
    {
        assert!(as_owner(format!("select count(*) from {table}")).await.is_err(), "{table}");
    }
    assert!(as_owner("select count(password_hash) from mailboxes".to_owned()).await.is_err(), "a hash never comes out");
    let other = world.things(2).await.mailbox;
    let change = |what: &str, id| {
        format!("with x as (update mailboxes set {what} where id = '{id}' returning id) select count(*) from x")
    };
    assert_eq!(as_owner(change("keep = false", other)).await.unwrap(), 0);
    assert_eq!(as_owner(change("keep = false", mailbox)).await.unwrap(), 1);
    for what in ["quota_bytes = 1", "name = 'x'", "send_as = '{}'", "address = 'x@y.z'", "archived_at = now()"] {
        assert!(as_owner(change(what, mailbox)).await.is_err(), "{what}");
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn mail_programs_are_told_how_to_set_themselves_up(pool: PgPool) {
    let world = World::new(pool).await;
    let nobody = world.nobody();
    let config = nobody.get("/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=wer@k1-geheim.example").await;
    assert_eq!(config.status, StatusCode::OK);
    assert!(config.text.contains("<port>993</port>") && config.text.contains("%EMAILADDRESS%"), "{}", config.text);
    let by_host =
        TestRequest::get().uri("/mail/config-v1.1.xml").insert_header(("host", "autoconfig.k1-geheim.example"));
    assert_eq!(nobody.send(by_host).await.status, StatusCode::OK);
    assert_eq!(nobody.get("/mail/config-v1.1.xml?emailaddress=a@fremd.example").await.status, StatusCode::NOT_FOUND);
    let ask = |address: &str| {
        let body = format!(
            "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006\"><Request><EMailAddress>{address}</EMailAddress></Request></Autodiscover>"
        );
        TestRequest::post()
            .uri("/autodiscover/autodiscover.xml")
            .insert_header(("content-type", "text/xml"))
            .set_payload(body)
    };
    let found = nobody.send(ask("post@k1-geheim.example")).await;
    assert!(
        found.status == StatusCode::OK && found.text.contains("<LoginName>post@k1-geheim.example</LoginName>"),
        "{}",
        found.text
    );
    // Whether there is such a mailbox is not told.
    assert_eq!(nobody.send(ask("niemand@k1-geheim.example")).await.status, StatusCode::OK);
    assert_eq!(nobody.send(ask("post@fremd.example")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(nobody.send(ask("<x")).await.status, StatusCode::BAD_REQUEST);
    make(&world.as_("owner1@k1.example").await, "chef@k1-geheim.example").await;
    let chef = log_in(&nobody, "chef@k1-geheim.example", PASSWORD).await.unwrap();
    let profile = chef.get("/my/device.mobileconfig").await;
    assert_eq!(profile.header("content-type"), "application/x-apple-aspen-config");
    assert!(
        profile.text.contains("chef@k1-geheim.example") && profile.text.contains("EmailTypeIMAP"),
        "{}",
        profile.text
    );
}
