//! Invitations, forgotten passwords, changes of address, second factors, "view as".

use crate::{
    support::{Answer, Browser},
    world::World,
};
use actix_web::http::StatusCode;
use sqlx::PgPool;

pub(crate) const NEW: &str = "drei rote Fahrräder am Kanal";

/// The latest mail to an address, as it waits in the outbox.
pub(crate) async fn mail(pool: &PgPool, to: &str) -> String {
    let (body,): (String,) =
        sqlx::query_as("select body from outbox where recipient = $1 order by created_at desc, id desc limit 1")
            .bind(to)
            .fetch_one(pool)
            .await
            .unwrap();
    body
}

pub(crate) fn link(mail: &str) -> String {
    let at = mail.find("https://panel.example/link/").unwrap_or_else(|| panic!("no link in {mail}"));
    mail[at + "https://panel.example".len()..].split_whitespace().next().unwrap().to_owned()
}

async fn set_password(world: &World, email: &str) {
    let hash = hostler::identity::hashing::hash(NEW).unwrap();
    sqlx::query("update users set password_hash = $2 where email = $1")
        .bind(email)
        .bind(hash)
        .execute(&world.pool)
        .await
        .unwrap();
}

async fn log_in(world: &World, email: &str, password: &str) -> (Answer, Browser) {
    let answer = world.nobody().post("/login", &[("email", email), ("password", password)]).await;
    let browser = browser_of(world, &answer);
    (answer, browser)
}

fn browser_of(world: &World, answer: &Answer) -> Browser {
    let mark = format!("{}=", hostler::http::visit::SESSION);
    // A page may set others beside it.
    let cookies = answer.headers.get_all("set-cookie").filter_map(|v| v.to_str().ok());
    let token = cookies.filter_map(|c| c.strip_prefix(&mark)).next().unwrap_or_default();
    world.with_token(token.split(';').next().unwrap())
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn an_invitation_is_mailed_taken_up_once_and_works(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let owner = world.as_("owner1@k1.example").await;
    // The household is the owner's, whatever the form says; and roles of the staff are not to be had.
    let k3 = world.things(3).await.customer.to_string();
    for role in ["admin", "reseller", "nonsense", ""] {
        let fields = [("email", "neu@k1.example"), ("name", "Neu"), ("role", role), ("customer", k3.as_str())];
        assert_eq!(owner.post("/logins/invite", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{role}");
    }
    let fields = [("email", "Neu@K1.example"), ("name", "Neu <b>"), ("role", "member"), ("customer", k3.as_str())];
    assert_eq!(owner.post("/logins/invite", &fields).await.status, StatusCode::SEE_OTHER);
    let text = mail(&pool, "neu@k1.example").await;
    let link = link(&text);
    let guest = world.nobody();
    let page = guest.get(&link).await;
    assert!(page.status == StatusCode::OK && page.text.contains("neu@k1.example"));
    assert_eq!(guest.get(&link).await.status, StatusCode::OK, "looking does not use it up");
    let weak = guest.post(&link, &[("new_password", "passwordpassword")]).await;
    assert!(weak.status == StatusCode::UNPROCESSABLE_ENTITY && weak.text.contains("easy to guess"), "{}", weak.text);
    assert_eq!(guest.post(&link, &[("new_password", NEW)]).await.header("location"), "/login");
    assert_eq!(guest.post(&link, &[("new_password", NEW)]).await.status, StatusCode::GONE, "once");
    let (_, browser) = log_in(&world, "neu@k1.example", NEW).await;
    let page = browser.get("/domains").await;
    assert!(page.text.contains("k1-geheim") && !page.text.contains("k3-geheim"));
    assert!(owner.get("/logins").await.text.contains("Neu &lt;b&gt;"));
    // The name in the mail is text, and the link is of the configured address whatever the request says.
    assert!(!text.contains("Host"));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn an_invitation_does_not_tell_that_an_address_is_known_elsewhere(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let owner = world.as_("owner1@k1.example").await;
    let invite = |email: &'static str| {
        let owner = &owner;
        async move { owner.post("/logins/invite", &[("email", email), ("name", "X"), ("role", "member")]).await }
    };
    let (fresh, known) = (invite("neu@x.example").await, invite("owner3@k3.example").await);
    assert_eq!((fresh.status, fresh.header("location")), (known.status, known.header("location")));
    let list = owner.get("/logins").await.text;
    let line = |email: &str| list.split(email).nth(1).unwrap_or_default().split("</tr>").next().unwrap().to_owned();
    let bare = |text: String| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    assert_eq!(bare(line("neu@x.example")), bare(line("owner3@k3.example")), "both look the same in the list");
    assert!(!mail(&pool, "owner3@k3.example").await.contains("/link/"), "and the known one gets no link");
    let (role, customer): (String, bool) =
        sqlx::query_as("select role, customer_id = (select id from customers where number = 'K3') from users where email = 'owner3@k3.example'")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!((role.as_str(), customer), ("owner", true), "it stays what it was");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_forgotten_password_is_set_anew_by_one_link_and_ends_what_was_open(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let owner = world.as_("owner1@k1.example").await;
    let guest = world.nobody();
    let (known, unknown) = (
        guest.post("/reset", &[("email", "owner1@k1.example")]).await,
        guest.post("/reset", &[("email", "nobody@x.example")]).await,
    );
    assert_eq!((known.status, &known.text.len()), (unknown.status, &unknown.text.len()), "answered alike");
    world.run_jobs().await;
    let (count,): (i64,) = sqlx::query_as("select count(*) from mail_links").fetch_one(&pool).await.unwrap();
    assert_eq!(count, 1);
    let first = sqlx::query_as::<_, (String,)>("select subject from outbox").fetch_all(&pool).await.unwrap();
    assert_eq!(first.len(), 1);
    // The mail was kept in a folder, as no mail server is set: the outbox no longer has the link.
    let folder = world.context().settings.data_dir.join("mails");
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    for (path, mode) in [(&folder, 0o700), (&file, 0o600)] {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
    }
    let text = std::fs::read_to_string(&file).unwrap();
    let link = link(&text.replace("=\r\n", "").replace("=3D", "="));
    assert_eq!(mail(&pool, "owner1@k1.example").await, "", "a link that was sent lies nowhere");
    assert_eq!(guest.post(&link, &[("new_password", NEW)]).await.header("location"), "/login");
    assert_eq!(owner.get("/").await.header("location"), "/login", "the session is over");
    let (revoked,): (bool,) = sqlx::query_as(
        "select revoked_at is not null from api_tokens where user_id = (select id from users where email = 'owner1@k1.example')",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(revoked, "tokens end as well");
    assert_eq!(guest.get(&link).await.status, StatusCode::GONE);
    assert_eq!(log_in(&world, "owner1@k1.example", NEW).await.0.status, StatusCode::SEE_OTHER);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn links_end_with_time_and_with_what_changes(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let guest = world.nobody();
    let admin = world.as_("admin@h.example").await;
    admin.post("/logins/invite", &[("email", "a@h.example"), ("name", "A"), ("role", "billing")]).await;
    let first = link(&mail(&pool, "a@h.example").await);
    admin.post("/logins/invite", &[("email", "a@h.example"), ("name", "A"), ("role", "billing")]).await;
    let second = link(&mail(&pool, "a@h.example").await);
    assert_eq!(guest.get(&first).await.status, StatusCode::GONE, "a newer one was sent");
    world.context().clock.advance(8 * 86_400);
    assert_eq!(guest.get(&second).await.status, StatusCode::GONE, "too old");
    assert_eq!(guest.get("/link/forged").await.status, StatusCode::GONE);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn an_address_changes_once_both_ends_have_agreed(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    set_password(&world, "owner1@k1.example").await;
    let owner = world.as_("owner1@k1.example").await;
    let wrong = owner
        .post("/account/address", &[("new_email", "neu@k1.example"), ("address_password", "no no no no no")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let asked = owner.post("/account/address", &[("new_email", "neu@k1.example"), ("address_password", NEW)]).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    let guest = world.nobody();
    let (old, new) = (link(&mail(&pool, "owner1@k1.example").await), link(&mail(&pool, "neu@k1.example").await));
    assert!(guest.post(&new, &[]).await.text.contains("other address"));
    let still: (i64,) =
        sqlx::query_as("select count(*) from users where email = 'owner1@k1.example'").fetch_one(&pool).await.unwrap();
    assert_eq!(still.0, 1, "one end is not enough");
    assert_eq!(guest.post(&old, &[]).await.status, StatusCode::OK);
    let changed: (i64,) =
        sqlx::query_as("select count(*) from users where email = 'neu@k1.example'").fetch_one(&pool).await.unwrap();
    assert_eq!(changed.0, 1);
    assert_eq!(owner.get("/account").await.status, StatusCode::OK, "the session goes on");
}

/// The code that an authenticator shows for a secret.
fn code(secret: &str, unix: i64) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut octets, mut buffer, mut bits) = (Vec::new(), 0u32, 0);
    for c in secret.chars() {
        buffer = (buffer << 5) | u32::try_from(alphabet.find(c).unwrap()).unwrap();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            octets.push(u8::try_from((buffer >> bits) & 255).unwrap());
        }
    }
    let totp = totp_rs::Builder::new().with_secret(<[u8; 20]>::try_from(octets).unwrap()).build().unwrap();
    totp.generate(u64::try_from(unix).unwrap()).to_string()
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_second_factor_is_asked_for_a_code_works_once_and_recovery_codes_too(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    set_password(&world, "owner1@k1.example").await;
    let (_, browser) = log_in(&world, "owner1@k1.example", NEW).await;
    browser.post("/account/totp", &[]).await;
    let page = browser.get("/account/security").await.text;
    let secret = page.split("<code class=\"break\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(page.contains("<svg"), "a QR code");
    assert_eq!(
        browser.post("/account/totp/confirm", &[("code", "000000")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let clock = &world.context().clock;
    let now = || clock.now().timestamp();
    let confirmed = browser.post("/account/totp/confirm", &[("code", &code(&secret, now()))]).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);
    let recovery: Vec<&str> =
        confirmed.text.split("<li><code>").skip(1).map(|p| p.split('<').next().unwrap()).collect();
    assert_eq!(recovery.len(), 10);
    assert_eq!(browser.get("/").await.header("location"), "/login", "the session goes on under another token");
    assert_eq!(browser_of(&world, &confirmed).get("/").await.status, StatusCode::OK);

    clock.advance(60);
    let (answer, half) = log_in(&world, "owner1@k1.example", NEW).await;
    assert!(answer.header("location").starts_with("/login/second"));
    for path in ["/", "/domains", "/account", "/account/security", "/api/v1/domains", "/help"] {
        let closed = half.get(path).await;
        assert!(
            closed.status != StatusCode::OK && !closed.text.contains("k1-geheim"),
            "{path} without the second factor"
        );
    }
    assert_eq!(half.post("/account/totp", &[]).await.header("location").split('?').next(), Some("/login/second"));
    let good = code(&secret, now());
    let inside = half.post("/login/second", &[("code", &good)]).await;
    assert_eq!(inside.status, StatusCode::SEE_OTHER, "{}", inside.text);
    assert_eq!(browser_of(&world, &inside).get("/domains").await.status, StatusCode::OK);
    let (_, again) = log_in(&world, "owner1@k1.example", NEW).await;
    assert_eq!(
        again.post("/login/second", &[("code", &good)]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a code works once"
    );
    let by_recovery = again.post("/login/second", &[("code", &recovery[0].to_lowercase())]).await;
    assert_eq!(by_recovery.status, StatusCode::SEE_OTHER);
    let (_, third) = log_in(&world, "owner1@k1.example", NEW).await;
    assert_eq!(
        third.post("/login/second", &[("code", recovery[0])]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "once"
    );
    for _ in 0..6 {
        third.post("/login/second", &[("code", "123456")]).await;
    }
    let throttled = third.post("/login/second", &[("code", recovery[1])]).await;
    assert_eq!(throttled.status, StatusCode::TOO_MANY_REQUESTS, "six digits are not to be guessed");
    clock.advance(700);
    let (_, half) = log_in(&world, "owner1@k1.example", NEW).await;
    clock.advance(700);
    assert_eq!(
        half.get("/login/second").await.header("location").split('?').next(),
        Some("/login"),
        "ten minutes to type a code"
    );

    hostler::identity::service::clear_factors(world.context(), "owner1@k1.example").await.unwrap();
    assert_eq!(
        log_in(&world, "owner1@k1.example", NEW).await.0.header("location"),
        "/",
        "taken away from the command line"
    );
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn looking_with_a_customers_eyes_is_marked_read_only_and_ends_with_the_session(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let k1 = world.things(1).await;
    let operator = world.as_("operator@h.example").await;
    operator.post(&format!("/customers/{}/view-as", k1.customer), &[]).await;
    let page = operator.get("/").await;
    assert!(page.status == StatusCode::OK && page.text.contains("with the eyes of Firma Eins"), "{}", page.text);
    let domains = operator.get("/domains").await.text;
    assert!(domains.contains("k1-geheim") && !domains.contains("k2-geheim"), "only what the customer sees");
    for path in ["/import", "/reconciliation", &format!("/zones/{}", world.things(2).await.zone)] {
        assert_eq!(operator.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let zone = format!("/zones/{}", k1.zone);
    let add = [("revision", "1"), ("owner", "x"), ("rtype", "A"), ("data", "192.0.2.1")];
    let refused = operator.post(&format!("{zone}/records"), &add).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    operator.post("/view-as/take-over", &[]).await;
    let revision = operator.get(&zone).await.hidden("revision");
    let fields = [("revision", revision.as_str()), ("owner", "x"), ("rtype", "A"), ("data", "192.0.2.1")];
    assert_eq!(operator.post(&format!("{zone}/records"), &fields).await.status, StatusCode::SEE_OTHER);
    let (actor, via): (String, Option<String>) =
        sqlx::query_as("select actor, via from audit where action = 'add-record' and actor = 'operator@h.example'")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!((actor.as_str(), via.as_deref()), ("operator@h.example", Some("as K1")), "who acted, and as whom");
    operator.post("/view-as/end", &[]).await;
    assert!(operator.get("/domains").await.text.contains("k2-geheim"));
    // A reseller's customer is another reseller's no longer the moment it moves.
    let reseller = world.as_("r1@r1.example").await;
    reseller.post(&format!("/customers/{}/view-as", k1.customer), &[]).await;
    assert!(reseller.get("/").await.text.contains("Firma Eins"));
    sqlx::query(
        "update customers set reseller_id = (select id from resellers where number = 'R2') where number = 'K1'",
    )
    .execute(&pool)
    .await
    .unwrap();
    assert!(!reseller.get("/domains").await.text.contains("k1-geheim"));
    assert_eq!(
        world.as_("owner1@k1.example").await.post(&format!("/customers/{}/view-as", k1.customer), &[]).await.status,
        StatusCode::FORBIDDEN
    );
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_login_switched_off_or_given_another_role_is_out_at_once_and_nobody_does_it_to_themselves(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let owner = world.as_("owner1@k1.example").await;
    let member = world.as_("member1@k1.example").await;
    let id = |email: &'static str| {
        let pool = pool.clone();
        async move {
            sqlx::query_as::<_, (uuid::Uuid, i32)>("select id, revision from users where email = $1")
                .bind(email)
                .fetch_one(&pool)
                .await
                .unwrap()
        }
    };
    let (mine, _) = id("owner1@k1.example").await;
    let (theirs, revision) = id("member1@k1.example").await;
    assert_eq!(owner.post(&format!("/logins/{mine}/switch"), &[("on", "")]).await.status, StatusCode::CONFLICT);
    let fields = [("revision", revision.to_string()), ("name", "M".to_owned()), ("role", "payer".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(owner.post(&format!("/logins/{theirs}"), &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        member.get("/domains").await.header("location").split('?').next(),
        Some("/login"),
        "another role, another session"
    );
    assert_eq!(
        owner.post(&format!("/logins/{theirs}"), &fields).await.status,
        StatusCode::PRECONDITION_FAILED,
        "stale"
    );
    let member = world.as_("member1@k1.example").await;
    assert_eq!(member.get("/domains").await.status, StatusCode::NOT_FOUND, "billing only");
    owner.post(&format!("/logins/{theirs}/switch"), &[("on", "")]).await;
    assert_eq!(member.get("/").await.header("location"), "/login");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn the_log_does_not_tell_either_whether_an_invited_address_is_known(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let owner = world.as_("owner1@k1.example").await;
    for email in ["fresh@x.example", "admin@h.example"] {
        owner.post("/logins/invite", &[("email", email), ("name", "X"), ("role", "member")]).await;
        let log = owner.get("/api/v1/audit?action=invite&limit=1").await.text;
        let log: serde_json::Value = serde_json::from_str(&log).unwrap();
        assert_eq!(log["items"][0]["entity_id"], email);
    }
    for _ in 0..3 {
        owner.post("/logins/invite", &[("email", "flood@x.example"), ("name", "X"), ("role", "member")]).await;
    }
    let more = owner.post("/logins/invite", &[("email", "flood@x.example"), ("name", "X"), ("role", "member")]).await;
    assert_eq!(more.status, StatusCode::TOO_MANY_REQUESTS);
    for name in ["https://evil.example/login", "a\u{202e}b", "\u{200b}"] {
        let refused =
            owner.post("/logins/invite", &[("email", "b@x.example"), ("name", name), ("role", "member")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn two_who_take_each_others_rights_away_at_once_leave_one(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    sqlx::query("update users set role = 'owner' where email = 'member1@k1.example'").execute(&pool).await.unwrap();
    let (one, two) = (world.as_("owner1@k1.example").await, world.as_("member1@k1.example").await);
    let ids: Vec<(uuid::Uuid,)> = sqlx::query_as(
        "select id from users where email in ('owner1@k1.example', 'member1@k1.example') order by email desc",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let (first, second) = (format!("/logins/{}/switch", ids[0].0), format!("/logins/{}/switch", ids[1].0));
    let (a, b) = futures_util::join!(two.post(&first, &[("on", "")]), one.post(&second, &[("on", "")]));
    let left: (i64,) = sqlx::query_as("select count(*) from users where customer_id = (select id from customers where number = 'K1') and role = 'owner' and disabled_at is null")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(left.0, 1, "{} {}", a.status, b.status);
    let admin = world.as_("admin@h.example").await;
    let operator: (uuid::Uuid,) =
        sqlx::query_as("select id from users where email = 'operator@h.example'").fetch_one(&pool).await.unwrap();
    assert_eq!(
        admin.post(&format!("/logins/{}/switch", operator.0), &[("on", "")]).await.status,
        StatusCode::SEE_OTHER,
        "others may go"
    );
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn ones_own_account_is_closed_while_one_looks_with_other_eyes(pool: PgPool) {
    let world = World::new(pool).await;
    let k1 = world.things(1).await;
    let admin = world.as_("admin@h.example").await;
    admin.post(&format!("/customers/{}/view-as", k1.customer), &[]).await;
    admin.post("/view-as/take-over", &[]).await;
    for path in [
        "/account/totp",
        "/account/passkeys/begin",
        "/account/tokens",
        "/account/password",
        "/account/sessions/end-others",
    ] {
        assert_eq!(
            admin.post(path, &[("name", "x"), ("days", "1"), ("actions", "hosting.read")]).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    assert_eq!(admin.get("/account").await.status, StatusCode::FORBIDDEN);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn mails_come_in_the_language_that_their_reader_chose(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let owner = world.as_("owner1@k1.example").await;
    for (lang, subject) in [("de", "Neues Passwort"), ("en", "New password")] {
        assert_eq!(owner.post("/account/language", &[("lang", lang)]).await.status, StatusCode::SEE_OTHER);
        assert!(
            owner.get("/account").await.text.contains(&format!("value=\"{lang}\" lang=\"{lang}\" selected")),
            "{lang}"
        );
        world.nobody().post("/reset", &[("email", "owner1@k1.example")]).await;
        world.run_jobs().await;
        let (last,): (String,) = sqlx::query_as(
            "select subject from outbox where recipient = 'owner1@k1.example' order by created_at desc, id desc limit 1",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        assert_eq!(last, subject);
        world.context().clock.advance(60);
    }
    for lang in ["fr", "", "de\n"] {
        let refused = owner.post("/account/language", &[("lang", lang)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{lang:?}");
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn the_first_steps_are_shown_to_who_can_take_them_until_they_are_done(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    assert!(world.as_("admin@h.example").await.get("/").await.text.contains("class=\"steps\""));
    for who in ["operator@h.example", "owner1@k1.example", "r1@r1.example"] {
        assert!(!world.as_(who).await.get("/").await.text.contains("class=\"steps\""), "{who}");
    }
}
