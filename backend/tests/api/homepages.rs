//! What becomes of homepages: decided, taken back, asked of customers, archived.

use crate::support::{Browser, panel};
use actix_web::http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

const CUSTOMERS: &str = "Kundennr;Firma;Ansprechpartner;Straße;PLZ;Ort;Land;E-Mail;USt-IdNr;Wiederverkäufer\n\
    K1;Bäckerei {link} & Söhne;Frau Mehl;;;;DE;mehl@k1.example;;\n\
    K2;Dutch Bikes;;;;;NL;jan@k2.example;;\nK3;Ohne Adresse;;;;;DE;;;\n";
const DOMAINS: &str =
    "Domain;Kundennr;Wiederverkäufer\nbrot.example;K1;\nkuchen.example;K1;\nrad.example;K2;\nstill.example;K3;\n";

fn vhost(name: &str) -> String {
    format!("<VirtualHost 192.0.2.10:80>\nServerName {name}\nDocumentRoot /srv/{name}\n</VirtualHost>\n")
}

/// Mails that wait to be sent, with whom they are for.
async fn mails(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar("select recipient || ' ' || subject || ' ' || body from outbox order by created_at")
        .fetch_all(pool)
        .await
        .unwrap()
}

async fn provider(pool: &PgPool) -> Browser {
    let mut browser = panel(pool.clone()).await;
    let names = ["brot.example", "kuchen.example", "rad.example", "still.example", "herrenlos.example"];
    let hosts: String = names.iter().map(|n| vhost(n)).collect();
    let files = [
        ("customers.csv", CUSTOMERS),
        ("domains.csv", DOMAINS),
        ("web/sites-enabled/alle.conf", &hosts),
        ("mail/vmailbox", "info@kuchen.example kuchen/info/\n"),
    ];
    browser.import(&files).await;
    browser.log_in().await;
    browser
}

async fn id(pool: &PgPool, name: &str) -> Uuid {
    sqlx::query_scalar("select id from homepages where name = $1").bind(name).fetch_one(pool).await.unwrap()
}

async fn plan(browser: &Browser, ids: &[Uuid], change: Value) -> Value {
    let answer = browser
        .json(Method::POST, "/api/v1/homepages/plan", &json!({ "selection": { "ids": ids }, "change": change }))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

async fn decision(pool: &PgPool, name: &str) -> (String, String, Vec<String>) {
    sqlx::query_as("select decision, decision_reason, tags from homepages where name = $1")
        .bind(name)
        .fetch_one(pool)
        .await
        .unwrap()
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_was_decided_can_be_taken_back_as_a_whole(pool: PgPool) {
    let browser = provider(&pool).await;
    let (brot, kuchen) = (id(&pool, "brot.example").await, id(&pool, "kuchen.example").await);
    plan(&browser, &[brot], json!({ "decision": "ask", "reason": "unklar", "tags": ["alt"] })).await;
    let tried = browser
        .json(
            Method::POST,
            "/api/v1/homepages/plan?dry_run=true",
            &json!({ "selection": { "q": "example" }, "change": { "decision": "drop" } }),
        )
        .await;
    let tried: Value = serde_json::from_str(&tried.text).unwrap();
    assert_eq!((&tried["changed"], &tried["audit"]), (&json!(5), &Value::Null));
    let of = |name: &str| tried["items"].as_array().unwrap().iter().find(|i| i["name"] == name).unwrap().clone();
    assert_eq!(of("kuchen.example")["warning"], "mail_used");
    assert_eq!(of("brot.example")["warning"], Value::Null);
    assert_eq!(decision(&pool, "kuchen.example").await.0, "undecided", "looking decides nothing");

    let done = plan(
        &browser,
        &[brot, kuchen],
        json!({ "decision": "move", "add_tags": ["erste Welle"], "moves_on": "2027-01-15" }),
    )
    .await;
    assert_eq!(done["changed"], 2);
    assert_eq!(
        decision(&pool, "brot.example").await,
        ("move".to_owned(), String::new(), vec!["alt".to_owned(), "erste Welle".to_owned()])
    );
    let undo = browser.json(Method::POST, &format!("/api/v1/audit/{}/undo", done["audit"]), &Value::Null).await;
    assert!(undo.status.is_success(), "{}", undo.text);
    assert_eq!(decision(&pool, "brot.example").await, ("ask".to_owned(), "unklar".to_owned(), vec!["alt".to_owned()]));
    assert_eq!(decision(&pool, "kuchen.example").await, ("undecided".to_owned(), String::new(), Vec::new()));
    // What was changed since is in the way, and nothing is half taken back.
    let again = plan(&browser, &[brot, kuchen], json!({ "decision": "move" })).await;
    plan(&browser, &[kuchen], json!({ "decision": "elsewhere" })).await;
    let undo = browser.json(Method::POST, &format!("/api/v1/audit/{}/undo", again["audit"]), &Value::Null).await;
    assert_eq!(undo.status, 409, "{}", undo.text);
    assert_eq!(decision(&pool, "brot.example").await.0, "move");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn wrong_plans_are_refused_by_their_field(pool: PgPool) {
    let browser = provider(&pool).await;
    let brot = id(&pool, "brot.example").await;
    for (change, field) in [
        (json!({ "decision": "vielleicht" }), "change.decision"),
        (json!({ "decision": "move", "as_proposed": true }), "change.as_proposed"),
        (json!({ "server": "gibt-es-nicht" }), "change.server"),
        (json!({ "php": "8" }), "change.php"),
        (json!({ "reason": "x".repeat(501) }), "change.reason"),
        (json!({ "reason": "a\nb" }), "change.reason"),
        (json!({ "notes": "a\u{0}b" }), "change.notes"),
        (json!({ "tags": ["a,b"] }), "change.tags"),
        (json!({ "add_tags": [""] }), "change.add_tags"),
        (json!({}), "change.change"),
    ] {
        let body = json!({ "selection": { "ids": [brot] }, "change": change });
        let answer = browser.json(Method::POST, "/api/v1/homepages/plan", &body).await;
        assert_eq!(answer.status, 422, "{change}: {}", answer.text);
        assert!(answer.text.contains(&format!("\"{field}\"")), "{change}: {}", answer.text);
    }
    for selection in
        [json!({}), json!({ "class": "tot" }), json!({ "q": "a\u{0}" }), json!({ "ids": [brot], "q": "a" })]
    {
        let body = json!({ "selection": selection, "change": { "decision": "move" } });
        let answer = browser.json(Method::POST, "/api/v1/homepages/plan", &body).await;
        assert_eq!(answer.status, 422, "{selection}: {}", answer.text);
    }
    let nothing = plan(&browser, &[brot], json!({ "as_proposed": true })).await;
    assert_eq!(nothing["items"][0]["errors"][0]["field"], "as_proposed", "{nothing}");
    // On the state that was read, and no other.
    let path = format!("/api/v1/homepages/{brot}");
    let tag = browser.get(&path).await.header("etag").to_owned();
    let change = json!({ "notes": "von Hand\nzwei Zeilen", "decision": "move" });
    let patch = |tag: String| {
        let (browser, path, change) = (&browser, path.clone(), change.clone());
        async move { browser.json_with(Method::PATCH, &path, &[("if-match", &tag)], &change).await }
    };
    assert_eq!(patch(tag.clone()).await.status, 200);
    assert_eq!(patch(tag).await.status, 412);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn customers_are_asked_and_answer_without_a_log_in(pool: PgPool) {
    let browser = provider(&pool).await;
    let all = ["brot.example", "kuchen.example", "rad.example", "still.example", "herrenlos.example"];
    let mut ids = Vec::new();
    for name in all {
        ids.push(id(&pool, name).await);
    }
    plan(&browser, &ids, json!({ "decision": "ask" })).await;
    plan(&browser, &ids[..1], json!({ "tags": ["x"] })).await;
    let send = |dry: bool| {
        let (browser, ids) = (&browser, ids.clone());
        async move {
            let path = format!("/api/v1/homepages/letters?dry_run={dry}");
            let answer =
                browser.json(Method::POST, &path, &json!({ "selection": { "ids": ids }, "kind": "ask" })).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            serde_json::from_str::<Value>(&answer.text).unwrap()
        }
    };
    let looked = send(true).await;
    assert_eq!(mails(&pool).await.len(), 0, "looking sends nothing");
    let items = looked["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "one to each customer: {looked}");
    assert_eq!((&items[0]["lang"], &items[1]["lang"]), (&json!("de"), &json!("en")));
    assert_eq!(items[0]["homepages"], json!(["brot.example", "kuchen.example"]));
    assert_eq!(looked["left_out"].as_array().unwrap().len(), 2);
    let sent = send(false).await;
    assert_eq!(sent["items"].as_array().unwrap().len(), 2);
    let letters = mails(&pool).await;
    assert_eq!(letters.len(), 2);
    let to_k1 = letters.iter().find(|m| m.contains("mehl@k1.example")).unwrap();
    assert!(to_k1.contains("Frau Mehl") && to_k1.contains("Bäckerei {link} & Söhne"), "{to_k1}");
    // Nobody gets the same twice by accident.
    assert_eq!(send(false).await["items"].as_array().unwrap().len(), 0);

    let link = to_k1.split_whitespace().find_map(|w| w.strip_prefix("https://panel.example")).unwrap().to_owned();
    let guest = browser.with_token("");
    let page = guest.get(&link).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("brot.example") && !page.text.contains("rad.example"), "{}", page.text);
    assert_eq!(decision(&pool, "brot.example").await.0, "ask", "mail programs look at links, too");
    let (brot, kuchen, rad) = (format!("h-{}", ids[0]), format!("h-{}", ids[1]), format!("h-{}", ids[2]));
    // Also what the letter is not about.
    let answered = guest.post(&link, &[(&brot, "keep"), (&kuchen, "let_go"), (&rad, "let_go"), ("h-x", "keep")]).await;
    assert_eq!(answered.status, 303, "{}", answered.text);
    assert_eq!(decision(&pool, "brot.example").await.0, "move");
    assert_eq!(decision(&pool, "kuchen.example").await.0, "drop");
    assert_eq!(decision(&pool, "rad.example").await.0, "ask", "another customer's is not this one's to answer");
    let who: String = sqlx::query_scalar("select decided_by from homepages where id = $1")
        .bind(ids[0])
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(who, "(letter to mehl@k1.example)");
    assert_eq!(guest.get("/homepage-answer/nichts").await.status, 404);
    let page = browser.get(&format!("/homepages/{}", ids[0])).await;
    assert!(page.text.contains("mehl@k1.example") && page.text.contains("Keep"), "{}", page.text);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_is_dropped_is_archived_after_a_letter_and_a_while(pool: PgPool) {
    let browser = provider(&pool).await;
    let (brot, rad, still) =
        (id(&pool, "brot.example").await, id(&pool, "rad.example").await, id(&pool, "still.example").await);
    plan(&browser, &[brot, rad, still], json!({ "decision": "drop" })).await;
    let body = json!({ "selection": { "ids": [brot, rad, still] }, "kind": "drop" });
    let sent = browser.json(Method::POST, "/api/v1/homepages/letters", &body).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let archived = || async {
        let rows: Vec<String> =
            sqlx::query_scalar("select name from homepages where archived_at is not null order by 1")
                .fetch_all(&pool)
                .await
                .unwrap();
        rows
    };
    let wake = || async { hostler::homepages::wake(&browser.context).await.unwrap() };
    wake().await;
    assert!(archived().await.is_empty(), "not yet");
    // A customer objects; the other says nothing; of the third nobody was told.
    let to_k2 = mails(&pool).await.into_iter().find(|m| m.contains("jan@k2.example")).unwrap();
    let link = to_k2.split_whitespace().find_map(|w| w.strip_prefix("https://panel.example")).unwrap().to_owned();
    browser.with_token("").post(&link, &[(&format!("h-{rad}"), "keep")]).await;
    browser.run_jobs().await;
    let run = |statement: &'static str| {
        let pool = pool.clone();
        async move { sqlx::query(statement).execute(&pool).await.unwrap() }
    };
    run("update homepages set decided_at = now() - interval '32 days'").await;
    run("update homepage_letters set created_at = now() - interval '31 days', expires_at = now() - interval '1 day'")
        .await;
    // A letter that came back has told nobody, nor has one to who had the domain before, nor one from before the decision.
    for (undone, done) in [
        ("update outbox set state = 'bounced'", "update outbox set state = 'sent'"),
        (
            "update domains set customer_id = (select id from customers where number = 'K3') where name = 'brot.example'",
            "update domains set customer_id = (select id from customers where number = 'K1') where name = 'brot.example'",
        ),
        ("update homepages set decided_at = now()", "update homepages set decided_at = now() - interval '32 days'"),
        (
            "update homepage_letters set expires_at = now() + interval '1 day'",
            "update homepage_letters set expires_at = now() - interval '1 day'",
        ),
    ] {
        run(undone).await;
        wake().await;
        assert!(archived().await.is_empty(), "{undone}");
        run(done).await;
    }
    wake().await;
    assert_eq!(archived().await, ["brot.example"]);
    let list = browser.get("/api/v1/homepages").await;
    assert!(!list.text.contains("brot.example"));
    assert!(browser.get("/api/v1/homepages?archived=1").await.text.contains("brot.example"));
    let refused = plan(&browser, &[brot], json!({ "decision": "move" })).await;
    assert_eq!(refused["items"][0]["errors"][0]["field"], "homepage", "{refused}");
    // There is a way back.
    let entry: i64 =
        sqlx::query_scalar("select id from audit where action = 'archive-homepage'").fetch_one(&pool).await.unwrap();
    let undo = browser.json(Method::POST, &format!("/api/v1/audit/{entry}/undo"), &Value::Null).await;
    assert!(undo.status.is_success(), "{}", undo.text);
    wake().await;
    assert!(archived().await.is_empty(), "what was taken back stays so");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn an_old_proposal_to_drop_is_not_followed_once_somebody_uses_it(pool: PgPool) {
    let browser = provider(&pool).await;
    let (brot, kuchen) = (id(&pool, "brot.example").await, id(&pool, "kuchen.example").await);
    sqlx::query("update homepages set class = 'parked', proposal = 'drop'").execute(&pool).await.unwrap();
    let done = plan(&browser, &[brot, kuchen], json!({ "as_proposed": true })).await;
    assert_eq!(done["changed"], 1, "{done}");
    assert_eq!(decision(&pool, "kuchen.example").await.0, "undecided", "its mail is used");
    sqlx::query("update homepages set decision = 'undecided', doubt = 'alive'").execute(&pool).await.unwrap();
    assert_eq!(
        plan(&browser, &[brot], json!({ "as_proposed": true })).await["changed"],
        0,
        "its last look saw it alive"
    );
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn customers_see_what_is_theirs_to_know(pool: PgPool) {
    let browser = provider(&pool).await;
    let brot = id(&pool, "brot.example").await;
    let change = json!({ "decision": "move", "moves_on": "2027-02-01", "reason": "GEHEIM-1", "notes": "GEHEIM-2", "tags": ["GEHEIM-3"] });
    plan(&browser, &[brot], change).await;
    let customer: Uuid =
        sqlx::query_scalar("select id from customers where number = 'K1'").fetch_one(&pool).await.unwrap();
    browser.post(&format!("/customers/{customer}/view-as"), &[]).await;
    for path in [
        "/homepages".to_owned(),
        format!("/homepages/{brot}"),
        "/api/v1/homepages".to_owned(),
        format!("/api/v1/homepages/{brot}"),
        "/audit".to_owned(),
        "/api/v1/homepages?format=xlsx".to_owned(),
    ] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        assert!(!page.text.contains("GEHEIM"), "{path}");
        assert!(!page.text.contains("rad.example"), "{path}");
    }
    let page = browser.get(&format!("/homepages/{brot}")).await;
    assert!(page.text.contains("It moves on 2027-02-01."), "{}", page.text);
    for path in [
        "/homepages/map",
        "/homepages/course",
        "/homepages/servers",
        "/homepages/decide?q=brot",
        "/homepages/letters",
        "/api/v1/web-servers",
    ] {
        let answer = browser.get(path).await;
        assert!(matches!(answer.status.as_u16(), 403 | 404), "{path}: {}", answer.status);
    }
    // A hidden filter tells nothing either.
    let asked = browser.get("/api/v1/homepages?tag=GEHEIM-3").await;
    let all = browser.get("/api/v1/homepages").await;
    assert_eq!(asked.text, all.text);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn lists_pictures_and_files(pool: PgPool) {
    let browser = provider(&pool).await;
    let server = json!({ "name": "alt-1", "side": "old", "addresses": ["192.0.2.10", "2001:db8::10"] });
    let list = browser.get("/api/v1/web-servers").await;
    assert!(list.text.contains("\"address\":\"192.0.2.10\",\"homepages\":5,\"ours\":true"), "{}", list.text);
    assert_eq!(browser.json(Method::POST, "/api/v1/web-servers", &server).await.status, 201);
    let twice = browser
        .json(
            Method::POST,
            "/api/v1/web-servers",
            &json!({ "name": "alt-2", "side": "old", "addresses": ["192.0.2.10"] }),
        )
        .await;
    assert!(twice.status == 422 && twice.text.contains("alt-1 has one of them already"), "{}", twice.text);
    for (wrong, field) in [
        (json!({ "name": "A b", "side": "new", "addresses": ["192.0.2.1"] }), "name"),
        (json!({ "name": "a", "side": "mitte", "addresses": ["192.0.2.1"] }), "side"),
        (json!({ "name": "a", "side": "new", "addresses": ["0.0.0.0"] }), "addresses"),
        (json!({ "name": "a", "side": "new", "addresses": [] }), "addresses"),
        (json!({ "name": "a", "side": "new", "addresses": ["192.0.2.1"], "php": "neu" }), "php"),
        (json!({ "name": "a", "side": "old", "addresses": ["192.0.2.1"], "takes_new": true }), "takes_new"),
    ] {
        let answer = browser.json(Method::POST, "/api/v1/web-servers", &wrong).await;
        assert!(answer.status == 422 && answer.text.contains(field), "{wrong}: {}", answer.text);
    }
    sqlx::query("update homepages set class = 'parked', proposal = 'ask' where name = 'brot.example'")
        .execute(&pool)
        .await
        .unwrap();
    for path in [
        "/homepages",
        "/homepages/map",
        "/homepages/course",
        "/homepages/servers",
        "/homepages?class=parked&proposal=ask",
        "/homepages/decide?class=parked",
        "/homepages/letters?was=ask&letter=ask",
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
    }
    assert!(browser.get("/homepages?class=parked").await.text.contains("proposed: ask the customer"));
    // A preview of all that a filter leaves, and then what was shown is done.
    let preview = browser.get("/homepages/decide?class=parked&preview=1&decision=proposed").await;
    assert!(preview.text.contains("brot.example") && !preview.text.contains("rad.example"), "{}", preview.text);
    let picked = preview.hidden("pick");
    let done = browser.post("/homepages/decide", &[("pick", &picked), ("decision", "proposed")]).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(decision(&pool, "brot.example").await.0, "ask");
    let nothing = browser.post("/homepages/decide", &[("decision", "drop")]).await;
    assert!(nothing.text.contains("no homepage is chosen"), "{}", nothing.text);
    let sheet = browser.get("/api/v1/homepages?format=xlsx").await;
    assert_eq!(sheet.header("content-type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    assert!(sheet.text.starts_with("PK"));
    // The day is noted by who looks after everything.
    hostler::homepages::wake(&browser.context).await.unwrap();
    assert!(browser.get("/homepages/course").await.text.contains("<polyline"));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn two_who_write_at_once_write_once(pool: PgPool) {
    let browser = provider(&pool).await;
    let brot = id(&pool, "brot.example").await;
    plan(&browser, &[brot], json!({ "decision": "ask" })).await;
    let body = json!({ "selection": { "ids": [brot] }, "kind": "ask" });
    let send = || browser.json(Method::POST, "/api/v1/homepages/letters", &body);
    let (one, other, third) = tokio::join!(send(), send(), send());
    assert!([&one, &other, &third].iter().all(|a| a.status == 200), "{} {} {}", one.text, other.text, third.text);
    assert_eq!(mails(&pool).await.len(), 1);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn two_hundred_can_be_looked_at_at_once(pool: PgPool) {
    let browser = provider(&pool).await;
    let ids: Vec<Uuid> = (0..200).map(|_| Uuid::new_v4()).collect();
    let ask = |ids: Vec<Uuid>| {
        let browser = &browser;
        async move { browser.json(Method::POST, "/api/v1/homepages/sweep", &json!({ "ids": ids })).await }
    };
    let first = ask(ids.clone()).await;
    assert_eq!(first.status, 202, "{}", first.text);
    assert_eq!(ask(ids.clone()).await.text, first.text, "one that waits does the work of both");
    assert_ne!(ask(ids[1..].to_vec()).await.text, first.text);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_was_looked_at_is_left_alone_until_it_is_time(pool: PgPool) {
    let browser = crate::support::panel_with(pool.clone(), &[("probe.every_hours", "24".to_owned())]).await;
    let waiting = || async {
        let payloads: Vec<String> = sqlx::query_scalar(
            "select payload::text from jobs where kind = 'homepages-sweep' and state = 'waiting' order by 1",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        payloads
    };
    hostler::homepages::wake(&browser.context).await.unwrap();
    let all = waiting().await;
    assert_eq!(all.len(), 1, "{all:?}");
    // It was run, as the queue runs it.
    sqlx::query("update jobs set state = 'done', finished_at = now(), dedup_key = null").execute(&pool).await.unwrap();
    hostler::homepages::wake(&browser.context).await.unwrap();
    let next = waiting().await;
    assert!(next.len() == 1 && next != all, "what was doubted is looked at, and not all again: {next:?}");
}
