//! Mail servers by name, and one change of chosen mailboxes: over the API and by page.

use crate::{
    support::{Browser, panel, panel_with},
    world::World,
};
use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;

async fn call(browser: &Browser, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let answer = browser.json(method, path, &body).await;
    (answer.status, serde_json::from_str(&answer.text).unwrap_or(Value::Null))
}

async fn make(browser: &Browser, path: &str, body: Value) -> Value {
    let (status, answer) = call(browser, Method::POST, path, body.clone()).await;
    assert!(status.is_success(), "{body}: {status} {answer}");
    answer
}

fn server(name: &str, n: u8, roles: &[&str]) -> Value {
    json!({ "name": name, "host_name": format!("{name}.h.example"), "address": format!("192.0.2.{n}"), "roles": roles })
}

async fn servers(browser: &Browser) -> Vec<Value> {
    let list: Value = serde_json::from_str(&browser.get("/api/v1/mail-servers").await.text).unwrap();
    list["items"].as_array().unwrap().clone()
}

async fn mailbox(browser: &Browser, address: &str, data: Value) -> String {
    let body = json!({ "address": address, "password": "vier Worte ohne Sinn 47", "data": data });
    make(browser, "/api/v1/mailboxes", body).await["id"].as_str().unwrap().to_owned()
}

/// What the API says of a mailbox.
async fn shown(browser: &Browser, id: &str) -> Value {
    serde_json::from_str(&browser.get(&format!("/api/v1/mailboxes/{id}")).await.text).unwrap()
}

/// Fields that a refusal names.
fn named(answer: &Value) -> Vec<&str> {
    answer["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect()
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn servers_are_named_and_every_mailbox_lives_on_one(pool: PgPool) {
    let mut browser = panel_with(pool, &[("mail.mta_sts", "enforce".to_owned())]).await;
    browser
        .import(&[("domains.csv", "Domain;Kundennr\nk.example;\n"), ("dns/zones/k.example", crate::support::ZONE)])
        .await;
    browser.log_in().await;
    let early = mailbox(&browser, "frueh@k.example", json!({})).await;
    for (bad, field) in [
        (json!({ "name": "a b" }), "name"),
        (json!({ "name": "../x" }), "name"),
        (json!({ "host_name": "ohne" }), "host_name"),
        (json!({ "host_name": "a.example\nb" }), "host_name"),
        (json!({ "address": "0.0.0.0" }), "address"),
        (json!({ "address": "192.0.2.1/24" }), "address"),
        (json!({ "roles": [] }), "roles"),
        (json!({ "roles": ["store", "root"] }), "roles"),
        (json!({ "takes_new": true, "roles": ["mx"] }), "takes_new"),
    ] {
        let mut body = server("gut", 9, &["store"]);
        body.as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        let (status, answer) = call(&browser, Method::POST, "/api/v1/mail-servers", body).await;
        assert_eq!((status, named(&answer)), (StatusCode::UNPROCESSABLE_ENTITY, vec![field]), "{bad}: {answer}");
    }
    assert!(servers(&browser).await.is_empty());

    make(&browser, "/api/v1/mail-servers", server("door", 1, &["mx", "submission", "proxy"])).await;
    assert_eq!(shown(&browser, &early).await["server"], Value::Null, "nobody keeps mail yet");
    let old = make(&browser, "/api/v1/mail-servers", server("old", 2, &["store"])).await;
    assert_eq!(shown(&browser, &early).await["server"], "old", "the first that keeps mail has all of them");
    for same in [
        server("old", 8, &["mx"]),
        server("x", 2, &["mx"]),
        json!({ "name": "y", "host_name": "OLD.h.example", "address": "192.0.2.7", "roles": ["mx"] }),
    ] {
        let (status, answer) = call(&browser, Method::POST, "/api/v1/mail-servers", same.clone()).await;
        assert_eq!((status, named(&answer).len()), (StatusCode::UNPROCESSABLE_ENTITY, 1), "{same}: {answer}");
    }
    let mut new = server("new", 3, &["store", "mx"]);
    new["takes_new"] = json!(true);
    make(&browser, "/api/v1/mail-servers", new).await;
    let takes: Vec<_> = servers(&browser).await.iter().map(|s| (s["name"].clone(), s["takes_new"].clone())).collect();
    assert_eq!(takes, [(json!("door"), json!(false)), (json!("new"), json!(true)), (json!("old"), json!(false))]);
    let late = mailbox(&browser, "spaet@k.example", json!({})).await;
    assert_eq!(shown(&browser, &late).await["server"], "new");
    // By papers, too.
    browser
        .import(&[("domains.csv", "Domain;Kundennr\nk.example;\n"), ("mail/vmailbox", "papier@k.example x/\n")])
        .await;
    let list = browser.get("/api/v1/addresses?server=new").await.text;
    assert!(list.contains("papier@") && list.contains("spaet@") && !list.contains("frueh@"), "{list}");

    // What lives somewhere keeps its server there.
    let id = old["id"].as_str().unwrap();
    let state = servers(&browser).await.into_iter().find(|s| s["name"] == "old").unwrap();
    let tag = format!("\"r{}\"", state["revision"]);
    let path = format!("/api/v1/mail-servers/{id}");
    let answer = browser.json_with(Method::DELETE, &path, &[("if-match", &tag)], &Value::Null).await;
    assert!(
        answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.text.contains("1 mailboxes live on it"),
        "{}",
        answer.text
    );
    let answer = browser.json_with(Method::PUT, &path, &[("if-match", &tag)], &server("old", 2, &["mx"])).await;
    assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.text.contains("roles"), "{}", answer.text);
    let answer = browser.json_with(Method::DELETE, &path, &[("if-match", "\"r99\"")], &Value::Null).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "what is in the way comes first");
    make(
        &browser,
        "/api/v1/mailboxes/change",
        json!({ "selection": { "server": "old" }, "change": { "server": "new" } }),
    )
    .await;
    let answer = browser.json_with(Method::DELETE, &path, &[("if-match", "\"r99\"")], &Value::Null).await;
    assert_eq!(answer.status, StatusCode::PRECONDITION_FAILED);
    let answer = browser.json_with(Method::DELETE, &path, &[("if-match", &tag)], &Value::Null).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
    nothing_is_homeless(&browser).await;
    known_to_the_world(&browser).await;

    // The page: the same, and a way back.
    let page = browser.get("/mail/servers").await.text;
    assert!(page.contains("new.h.example") && page.contains("192.0.2.3"), "{page}");
    let form = [
        ("id", ""),
        ("revision", "0"),
        ("name", "vierter"),
        ("host_name", "vierter.h.example"),
        ("address", "nirgends"),
        ("roles", "mx"),
    ];
    let page = browser.post("/mail/servers", &form).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("nirgends"), "what was typed stays");
    let form = form.map(|(n, v)| if n == "address" { (n, "192.0.2.44") } else { (n, v) });
    assert_eq!(browser.post("/mail/servers", &form).await.status, StatusCode::SEE_OTHER);
    let log: Value = serde_json::from_str(&browser.get("/api/v1/audit?entity=mail-server&limit=1").await.text).unwrap();
    let entry = log["items"][0]["id"].as_i64().unwrap();
    make(&browser, &format!("/api/v1/audit/{entry}/undo"), json!({})).await;
    assert!(!browser.get("/mail/servers").await.text.contains("vierter"));
}

/// Mailboxes keep a server that keeps them, whatever is taken away or back.
async fn nothing_is_homeless(browser: &Browser) {
    let six = json!({ "name": "sechs", "host_name": "sechs.h.example", "address": "2001:db8::6", "roles": ["mx"] });
    let (status, answer) = call(browser, Method::POST, "/api/v1/mail-servers", six).await;
    assert_eq!(
        (status, named(&answer)),
        (StatusCode::UNPROCESSABLE_ENTITY, vec!["address"]),
        "of another family: {answer}"
    );
    let new = servers(browser).await.into_iter().find(|s| s["name"] == "new").unwrap();
    let (path, tag) =
        (format!("/api/v1/mail-servers/{}", new["id"].as_str().unwrap()), format!("\"r{}\"", new["revision"]));
    let answer = browser.json_with(Method::DELETE, &path, &[("if-match", &tag)], &Value::Null).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "others would refuse all mail: {}", answer.text);
    // One to another and back, when the old one keeps no mail any more.
    let third = make(browser, "/api/v1/mail-servers", server("dritter", 30, &["store"])).await;
    let moved = make(
        browser,
        "/api/v1/mailboxes/change",
        json!({ "selection": { "q": "spaet@" }, "change": { "server": "dritter" } }),
    )
    .await;
    let back = make(
        browser,
        "/api/v1/mailboxes/change",
        json!({ "selection": { "q": "spaet@" }, "change": { "server": "new" } }),
    )
    .await;
    let third = format!("/api/v1/mail-servers/{}", third["id"].as_str().unwrap());
    let answer =
        browser.json_with(Method::PUT, &third, &[("if-match", "\"r1\"")], &server("dritter", 30, &["mx"])).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
    for entry in [&back, &moved] {
        let undo = format!("/api/v1/audit/{}/undo", entry["audit"]);
        let (status, answer) = call(browser, Method::POST, &undo, json!({})).await;
        assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    }
    let tag = servers(browser).await.into_iter().find(|s| s["name"] == "dritter").unwrap()["revision"].clone();
    let answer = browser.json_with(Method::DELETE, &third, &[("if-match", &format!("\"r{tag}\""))], &Value::Null).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
}

/// Records, the policy on encryption and mail programs name the servers that there are.
async fn known_to_the_world(browser: &Browser) {
    let zone = browser.zone_path("k.example").await;
    let records = browser.get(&format!("/api/v1{zone}/mail")).await.text.replace("\\t", " ");
    for text in
        ["MX 10 door.h.example.\\n", "MX 10 new.h.example.", "_imaps._tcp.k.example. 3600 IN SRV 0 1 993 mx.h.example."]
    {
        assert!(records.contains(text), "{text}: {records}");
    }
    let policy = actix_web::test::TestRequest::get()
        .uri("/.well-known/mta-sts.txt")
        .insert_header(("host", "mta-sts.k.example"));
    let policy = browser.send(policy).await.text;
    assert!(policy.contains("mx: door.h.example\r\nmx: new.h.example\r\n"), "{policy}");
    let device = browser.get("/mail/config-v1.1.xml?emailaddress=x@k.example").await.text;
    // People's programs go where the setting says.
    assert!(device.contains("<hostname>mx.h.example</hostname>") && !device.contains("new.h.example"), "{device}");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn chosen_mailboxes_change_at_once_and_back(pool: PgPool) {
    let mut browser = panel(pool.clone()).await;
    let customers = "Kundennr;Firma\nK1;Eins\nK2;Zwei\n";
    browser
        .import(&[("customers.csv", customers), ("domains.csv", "Domain;Kundennr\na.example;K1\nb.example;K2\n")])
        .await;
    browser.log_in().await;
    let mut ids = Vec::new();
    for address in ["eins@a.example", "zwei@a.example", "drei@b.example"] {
        ids.push(mailbox(&browser, address, json!({ "quota_bytes": 1_000_000_000 })).await);
    }
    for (n, name) in [(1, "alt"), (2, "neu")] {
        make(&browser, "/api/v1/mail-servers", server(name, n, &["store"])).await;
    }
    sqlx::query("insert into plans (id, name, max_mail_bytes, record_types, max_records, min_ttl) values (gen_random_uuid(), 'klein', 3000000000, '{A}', 100, 60)")
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("update customers set plan_id = (select id from plans where name = 'klein') where number = 'K1'")
        .execute(&pool)
        .await
        .unwrap();
    let path = "/api/v1/mailboxes/change";
    for (bad, field) in [
        (json!({ "selection": {}, "change": { "held": true } }), "selection"),
        (json!({ "selection": { "ids": ids, "q": "a" }, "change": { "held": true } }), "selection.ids"),
        (json!({ "selection": { "ids": ids }, "change": {} }), "change.change"),
        (json!({ "selection": { "ids": ids }, "change": { "server": "nirgends" } }), "change.server"),
        (json!({ "selection": { "ids": ids }, "change": { "give_up": true, "held": true } }), "change.give_up"),
    ] {
        let (status, answer) = call(&browser, Method::POST, path, bad.clone()).await;
        assert_eq!((status, named(&answer)), (StatusCode::UNPROCESSABLE_ENTITY, vec![field]), "{bad}: {answer}");
    }
    let many: Vec<uuid::Uuid> = (0..1001).map(|_| uuid::Uuid::new_v4()).collect();
    let (status, _) =
        call(&browser, Method::POST, path, json!({ "selection": { "ids": many }, "change": { "held": true } })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);

    // The first customer's plan has room for one more gigabyte; the other has no plan.
    let wanted = json!({ "selection": { "ids": ids }, "change": { "data": { "quota_bytes": 2_000_000_000 }, "server": "neu", "held": true } });
    let tried = make(&browser, &format!("{path}?dry_run=true"), wanted.clone()).await;
    assert_eq!((tried["changed"].as_i64(), tried["audit"].as_i64()), (Some(2), None), "{tried}");
    assert_eq!(shown(&browser, &ids[0]).await["server"], "alt", "nothing was done");
    let done = make(&browser, path, wanted).await;
    let by: Vec<(&str, usize)> = done["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| (i["address"].as_str().unwrap(), i["errors"].as_array().unwrap().len()))
        .collect();
    assert_eq!(by, [("drei@b.example", 0), ("eins@a.example", 0), ("zwei@a.example", 1)], "{done}");
    let first = shown(&browser, &ids[0]).await;
    assert_eq!(
        (&first["server"], &first["held"], &first["data"]["quota_bytes"]),
        (&json!("neu"), &json!(true), &json!(2_000_000_000))
    );
    assert!(first["delay_until"].is_string(), "{first}");
    assert_eq!(shown(&browser, &ids[1]).await["server"], "alt", "what is refused is refused as a whole");
    let way: Value =
        serde_json::from_str(&browser.get("/api/v1/mail/route?address=eins@a.example").await.text).unwrap();
    assert_eq!((&way["ends"][0]["server"], &way["ends"][0]["held"]), (&json!("neu"), &json!(true)), "{way}");

    // All of it back, both what is set and where it lives.
    let entry = done["audit"].as_i64().unwrap();
    make(&browser, &format!("/api/v1/audit/{entry}/undo"), json!({})).await;
    for id in &ids {
        let now = shown(&browser, id).await;
        assert_eq!(
            (&now["server"], &now["held"], &now["data"]["quota_bytes"]),
            (&json!("alt"), &json!(false), &json!(1_000_000_000))
        );
    }
    // Where one of them has changed since, none of them goes back.
    let done =
        make(&browser, path, json!({ "selection": { "q": "a.example" }, "change": { "data": { "junk_at": 5 } } }))
            .await;
    assert_eq!(done["changed"], 2);
    let other = json!({ "selection": { "ids": [ids[1]] }, "change": { "data": { "junk_at": 7 } } });
    make(&browser, path, other).await;
    let undo = format!("/api/v1/audit/{}/undo", done["audit"]);
    let (status, answer) = call(&browser, Method::POST, &undo, json!({})).await;
    assert!(status == StatusCode::CONFLICT && answer.to_string().contains("zwei@a.example"), "{status} {answer}");
    assert_eq!(shown(&browser, &ids[0]).await["data"]["junk_at"], 5);

    by_page(&browser, &ids).await;
}

async fn by_page(browser: &Browser, ids: &[String]) {
    let list = browser.get("/mail").await.text;
    assert!(list.contains("action=\"/mailboxes/change\"") && list.contains("name=\"pick\""), "{list}");
    let pick = format!("{},{}", ids[0], ids[2]);
    let aliases = browser.get("/mailboxes/change?kind=alias").await.text;
    assert!(aliases.contains("No mailbox is chosen"), "aliases are no mailboxes: {aliases}");
    let all = browser.post("/mailboxes/change", &[("do", "give-up")]).await;
    assert!(all.status != StatusCode::OK || all.text.contains("No mailbox is chosen"), "nothing is not everything");
    let form =
        browser.get(&format!("/mailboxes/change?do=protocols&pick=-&pick={pick}&protocols=imap&preview=1")).await.text;
    assert!(
        form.contains("eins@a.example") && form.contains("drei@b.example") && !form.contains("zwei@a.example"),
        "{form}"
    );
    assert!(form.contains("Change 2 mailboxes"), "{form}");
    let none = browser.get("/mailboxes/change?pick=-").await.text;
    assert!(none.contains("No mailbox is chosen"), "{none}");
    let bad = browser.get(&format!("/mailboxes/change?do=quota&pick={pick}&quota_bytes=viel&preview=1")).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.text.contains("value=\"viel\""), "what was typed stays");
    let fields = [("do", "give-up"), ("pick", pick.as_str())];
    let done = browser.post("/mailboxes/change", &fields).await;
    assert!(done.status == StatusCode::OK && done.text.contains("Changed: 2"), "{}", done.text);
    assert_eq!(browser.get(&format!("/mailboxes/{}", ids[0])).await.status, StatusCode::NOT_FOUND);
    let undo = done.text.split("action=\"/audit/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(browser.post(&format!("/audit/{undo}/undo"), &[]).await.status, StatusCode::SEE_OTHER);
    let page = browser.get(&format!("/mailboxes/{}", ids[0])).await.text;
    assert!(page.contains("Where it lives") && page.contains(">neu</option>"), "{page}");
    let place = format!("/mailboxes/{}/place", ids[0]);
    let stale = [("revision", "1"), ("to_server", "neu"), ("held", "1")];
    assert_eq!(browser.post(&place, &stale).await.status, StatusCode::PRECONDITION_FAILED);
    let revision = page.split("name=\"revision\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let fields = [("revision", revision.as_str()), ("to_server", "neu"), ("held", "1")];
    assert_eq!(browser.post(&place, &fields).await.status, StatusCode::SEE_OTHER);
    let now = shown(browser, &ids[0]).await;
    assert_eq!((&now["server"], &now["held"]), (&json!("neu"), &json!(true)));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn customers_change_their_own_and_move_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    let (own, foreign) = (world.things(1).await, world.things(2).await);
    let browser = world.as_("owner1@k1.example").await;
    let ids = json!([own.mailbox, foreign.mailbox]);
    let done = make(
        &browser,
        "/api/v1/mailboxes/change",
        json!({ "selection": { "ids": ids }, "change": { "data": { "junk_at": 3 } } }),
    )
    .await;
    let items = done["items"].as_array().unwrap();
    assert!(items.len() == 1 && items[0]["id"] == json!(own.mailbox), "{done}");
    assert!(!done.to_string().contains("k2-geheim"), "{done}");
    for change in [json!({ "held": true }), json!({ "server": "x" })] {
        let body = json!({ "selection": { "ids": [own.mailbox] }, "change": change });
        let (status, answer) = call(&browser, Method::POST, "/api/v1/mailboxes/change", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
    }
    // Nor do they take back what the staff have moved.
    let staff = world.as_("operator@h.example").await;
    let both = json!({ "held": true, "data": { "junk_at": 9 } });
    let moved = json!({ "selection": { "ids": [own.mailbox, foreign.mailbox] }, "change": both });
    let entry = make(&staff, "/api/v1/mailboxes/change", moved).await["audit"].as_i64().unwrap();
    for action in ["place-mailbox", "edit-mailbox"] {
        let log = browser.get(&format!("/api/v1/audit?entity=mailbox&action={action}&limit=1")).await.text;
        let log: Value = serde_json::from_str(&log).unwrap();
        let undo = format!("/api/v1/audit/{}/undo", log["items"][0]["id"]);
        let (status, _) = call(&browser, Method::POST, &undo, json!({})).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{action}: one part of it would take the other along");
    }
    make(&staff, &format!("/api/v1/audit/{entry}/undo"), json!({})).await;
    let page = browser.get(&format!("/mailboxes/change?do=place&pick={}", own.mailbox)).await.text;
    assert!(!page.contains("do=place"), "not offered: {page}");
    assert_eq!(
        browser.post(&format!("/mailboxes/{}/place", own.mailbox), &[("held", "1")]).await.status,
        StatusCode::FORBIDDEN
    );
}
