//! The matrix: every route called as everybody, with ids of one's own, of somebody else's, and of nothing. What comes
//! out is checked in (`access.txt`), so that no right changes unseen; and what must hold of it is asserted.

use crate::{
    support::Answer,
    world::{Things, World},
};
use actix_web::{
    http::{Method, StatusCode},
    test::TestRequest,
};
use hostler::http::{
    routes::{Access, Route},
    server,
};
use hostler_core::access::{Action, Role};
use sqlx::PgPool;
use std::{collections::HashMap, fmt::Write as _};

/// A pattern with the ids of these things in it.
fn path(route: &Route, things: &Things) -> String {
    let id = match route.path {
        p if p.contains("/zones/") => things.zone.to_string(),
        p if p.contains("/customers/") => things.customer.to_string(),
        p if p.contains("/logins/") => things.login.to_string(),
        p if p.contains("/sessions/") => things.session.to_string(),
        p if p.contains("/tokens/") => things.token.to_string(),
        p if p.contains("/mailboxes/") => things.mailbox.to_string(),
        p if p.contains("/aliases/") => things.alias.to_string(),
        p if p.contains("/homepages/{id}") => things.homepage.to_string(),
        _ => World::nothing().zone.to_string(),
    };
    route
        .path
        .replace("{id}", &id)
        .replace("{record}", &things.record.to_string())
        .replace("{entry}", &things.entry.to_string())
        .replace("{number}", "1")
        .replace("{file}", "none.css")
        .replace("{app}", &things.app.to_string())
        .replace("{key}", &if route.path.ends_with("/retire") { things.keys.1 } else { things.keys.0 }.to_string())
        .replace("{token}", "none")
        .replace("{lang}", "en")
}

/// The revision of the thing that a route is about: whoever may change it does so on the state that it has.
fn revision(route: &Route, things: &Things) -> i32 {
    let of_path = |part: &str| route.path.contains(part);
    match things.revisions {
        (customer, ..) if of_path("/customers/") => customer,
        (_, zone, _) if of_path("/zones/") => zone,
        _ if of_path("/mailboxes/") => things.mail_revisions.0,
        _ if of_path("/aliases/") => things.mail_revisions.1,
        _ if of_path("/homepages/") => things.mail_revisions.2,
        (.., login) => login,
    }
}

/// The text of a zone in which every role finds a record to delete.
fn zone_text() -> String {
    let records: String = (1..=20).map(|n| format!("h{n} 3600 IN A 192.0.2.{n}\n")).collect();
    format!(
        "@ 3600 IN SOA ns1.h.example. h.h.example. 1 14400 1800 1209600 3600\n@ 3600 IN NS ns1.h.example.\n{records}"
    )
}

/// Fields that some form or other asks for.
fn form(route: &Route, things: &Things) -> Vec<(&'static str, String)> {
    let (revision, text) = (revision(route, things).to_string(), zone_text());
    let server = std::net::Ipv6Addr::from(uuid::Uuid::new_v4().as_u128() >> 4).to_string();
    let pick = if route.path.starts_with("/homepages/") { things.homepage } else { things.mailbox };
    // In capitals: what a form gives back is not what the panel shows.
    let address = format!("n{}@K1-GEHEIM.EXAMPLE", uuid::Uuid::new_v4().simple());
    let host = format!("n{}.k1-geheim.example", uuid::Uuid::new_v4().simple());
    let of_homepage = matches!(route.path, "/homepages/new" | "/homepages/{id}/edit");
    [
        ("revision", revision.as_str()),
        ("owner", "neu"),
        ("rtype", "A"),
        ("data", "192.0.2.200"),
        ("name", if of_homepage { host.as_str() } else { "Name" }),
        ("kind", if of_homepage { "static" } else { "" }),
        ("role", "admin"),
        ("on", ""),
        ("email", "x@x.example"),
        ("note", "n"),
        ("code", "000000"),
        ("text", text.as_str()),
        ("changes", "{}"),
        ("address", address.as_str()),
        ("targets", "fern@else.example"),
        ("take", "k1-geheim.example. MX"),
        ("label", "Telefon"),
        ("do", "quota"),
        ("quota_bytes", "1 GB"),
        ("held", "0"),
        ("app_protocols", "imap"),
        ("decision", "move"),
        ("side", "old"),
        ("addresses", server.as_str()),
        ("php", "8.2"),
    ]
    .into_iter()
    .map(|(n, v)| (n, v.to_owned()))
    .chain([("pick", pick.to_string())])
    .chain([("customer", things.customer.to_string()), ("customer_id", things.customer.to_string())])
    .collect()
}

/// A body that the API takes there, so that it is the row that decides.
fn body(route: &Route, things: &Things) -> serde_json::Value {
    use serde_json::json;
    match (route.method.as_str(), route.path.trim_start_matches("/api/v1")) {
        ("POST", "/logins") => json!({ "email": "neu@x.example", "name": "Neu", "role": "member" }),
        ("POST", "/logins/withdraw") => json!({ "email": "neu@x.example" }),
        ("PATCH", "/logins/{id}") => json!({ "name": "Name", "role": "owner" }),
        ("PUT", "/logins/{id}/enabled") => json!({ "enabled": true }),
        ("PATCH", "/customers/{id}") => json!({ "company": "Firma" }),
        ("POST", "/zones") => json!({ "name": "neu.example", "template": "none" }),
        ("POST", "/zones/bulk") => {
            json!({ "selection": { "ids": [things.zone] }, "operation": { "do": "set_ttl", "ttl": "1h" } })
        }
        ("POST", "/zones/{id}/records") | ("PUT", "/zones/{id}/records/{record}") => {
            json!({ "owner": format!("neu{}", uuid::Uuid::new_v4().simple()), "type": "A", "data": "192.0.2.200" })
        }
        ("POST", "/zones/{id}/changes") => {
            let owner = format!("neu{}", uuid::Uuid::new_v4().simple());
            json!({ "put": [{ "owner": owner, "type": "A", "data": "192.0.2.9" }] })
        }
        ("PUT", "/zones/{id}/text") => json!({ "text": zone_text() }),
        ("POST", "/templates") | ("PUT", "/templates/{id}") => {
            json!({ "name": format!("Vorlage {}", uuid::Uuid::new_v4()), "content": "@ 3600 IN A 192.0.2.1" })
        }
        ("POST", "/mailboxes" | "/aliases") => {
            let address = format!("n{}@k1-geheim.example", uuid::Uuid::new_v4().simple());
            if route.path.ends_with("aliases") {
                json!({ "address": address, "targets": ["fern@else.example"] })
            } else {
                json!({ "address": address })
            }
        }
        ("POST", "/mailboxes/bulk") => {
            json!({ "items": [{ "address": format!("n{}@K1-GEHEIM.EXAMPLE", uuid::Uuid::new_v4().simple()) }] })
        }
        ("POST", "/mailboxes/change") => {
            json!({ "selection": { "ids": [things.mailbox] }, "change": { "data": { "name": "Name" } } })
        }
        ("POST", "/mail-servers") | ("PUT", "/mail-servers/{id}") => {
            let id = uuid::Uuid::new_v4().simple().to_string();
            let (name, address) =
                (format!("m{}", &id[..20]), std::net::Ipv6Addr::from(uuid::Uuid::new_v4().as_u128() >> 4));
            json!({ "name": name, "host_name": format!("{id}.h.example"), "address": address, "roles": ["mx"] })
        }
        ("POST", "/homepages/plan") => {
            json!({ "selection": { "ids": [things.homepage] }, "change": { "decision": "ask" } })
        }
        ("POST", "/homepages/letters") => json!({ "selection": { "ids": [things.homepage] }, "kind": "ask" }),
        ("POST", "/homepages/sweep") => json!({ "ids": [things.homepage] }),
        ("PATCH", "/homepages/{id}") => json!({ "php": "8.2" }),
        ("POST", "/homepages") => {
            json!({ "name": format!("n{}.k1-geheim.example", uuid::Uuid::new_v4().simple()), "kind": "static" })
        }
        ("PUT", "/homepages/{id}") => json!({ "name": "www.k1-geheim.example", "kind": "static" }),
        ("POST", "/web-servers") | ("PUT", "/web-servers/{id}") => {
            let address = std::net::Ipv6Addr::from(uuid::Uuid::new_v4().as_u128() >> 4);
            json!({ "name": format!("w{}", &uuid::Uuid::new_v4().simple().to_string()[..20]), "side": "old", "addresses": [address] })
        }
        ("PATCH", "/mailboxes/{id}") => json!({ "name": "Name" }),
        ("POST", "/mailboxes/{id}/password") => json!({}),
        ("POST", "/mailboxes/{id}/app-passwords") => json!({ "label": "Telefon", "protocols": ["imap"] }),
        ("PATCH", "/aliases/{id}") => json!({ "targets": ["fern@else.example"] }),
        ("PUT", "/zones/{id}/mail/spam") => json!({ "mark_at": 5, "refuse_at": 12 }),
        ("POST", "/zones/{id}/mail/keys") => json!({ "algorithms": ["ed25519"] }),
        ("POST", "/zones/{id}/mail/keys/{key}/sign") => json!({ "force": true }),
        ("POST", "/zones/{id}/publish") => json!({ "note": "n" }),
        _ => serde_json::Value::Null,
    }
}

/// The filters that the API's document names for each operation, with these things for their values.
struct Filters(HashMap<(String, String), Vec<String>>);

impl Filters {
    async fn read(world: &World) -> Self {
        let document: serde_json::Value =
            serde_json::from_str(&world.nobody().get("/api/v1/openapi.json").await.text).unwrap();
        let mut out = HashMap::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
                let names = parameters
                    .iter()
                    .filter(|p| p["in"] == "query")
                    .map(|p| p["name"].as_str().unwrap().to_owned())
                    .collect();
                out.insert((method.to_uppercase(), path.clone()), names);
            }
        }
        assert!(out.values().any(|names: &Vec<String>| names.iter().any(|n| n == "customer")));
        Self(out)
    }

    fn query(&self, route: &Route, things: &Things) -> String {
        let (customer, zone) = (things.customer.to_string(), things.zone.to_string());
        let all = [("customer", customer.as_str()), ("id", &zone), ("entity", "zone")];
        // What everybody's rows have in their names.
        let search = match route.path {
            "/api/v1/search" => Some(("q", "geheim")),
            "/api/v1/mail/route" => Some(("address", "info@else.example")),
            _ => None,
        };
        let known = self.0.get(&(route.method.to_string(), route.path.to_owned()));
        let takes = |name: &str| known.is_none_or(|names| names.iter().any(|n| n == name));
        let pairs: Vec<String> =
            all.iter().filter(|(n, _)| takes(n)).chain(&search).map(|(n, v)| format!("{n}={v}")).collect();
        pairs.join("&")
    }
}

async fn call(world: &World, filters: &Filters, who: &str, route: &Route, things: &Things) -> Answer {
    // What the calls before did to the people themselves is not what is asked here.
    sqlx::raw_sql(
        "delete from login_failures; update users set disabled_at = null; update mailboxes set archived_at = null;
         update aliases set archived_at = null; delete from app_passwords where label <> 'geheimes-telefon';
         update app_passwords set revoked_at = null",
    )
    .execute(&world.pool)
    .await
    .unwrap();
    // A session each: some routes end it.
    let browser = if who.is_empty() { world.nobody() } else { world.as_(who).await };
    let path = path(route, things);
    // The same ids stand in every filter as well.
    let filtered = format!("{path}?{}", filters.query(route, things));
    if route.method == Method::GET {
        return browser.get(&filtered).await;
    }
    if route.doc.is_some() {
        let request = TestRequest::default()
            .method(route.method.clone())
            .uri(&filtered)
            .insert_header(("sec-fetch-site", "same-origin"))
            .insert_header(("if-match", format!("\"r{}\"", revision(route, things))));
        return match body(route, things) {
            _ if route.path == "/api/v1/imports" => browser.send(request.set_payload("papers")).await,
            serde_json::Value::Null => browser.send(request).await,
            body => browser.send(request.set_json(body)).await,
        };
    }
    let form = form(route, things);
    let fields: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
    browser.post(&path, &fields).await
}

fn is_refused(answer: &Answer, route: &Route) -> bool {
    if route.path.starts_with("/api/") {
        return answer.status == StatusCode::UNAUTHORIZED;
    }
    let to = if route.access == Access::Mailbox { "/my/login" } else { "/login" };
    answer.status == StatusCode::SEE_OTHER && answer.header("location").starts_with(to)
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn nobody_gets_in_anywhere(pool: PgPool) {
    let world = World::new(pool).await;
    let (things, filters) = (world.things(1).await, Filters::read(&world).await);
    let ended = world.session("admin@h.example").await;
    sqlx::query("delete from sessions where token_hash = $1")
        .bind(hostler::identity::service::token_hash(&ended))
        .execute(&world.pool)
        .await
        .unwrap();
    for route in server::routes().table() {
        if route.access == Access::Public {
            continue;
        }
        let answer = call(&world, &filters, "", &route, &things).await;
        assert!(is_refused(&answer, &route), "nobody: {} {}: {}", route.method, route.path, answer.status);
        let path = path(&route, &things);
        for token in [ended.as_str(), "forged", &"f".repeat(64)] {
            let browser = world.with_token(token);
            let answer = match (&route.method, &route.doc) {
                (&Method::GET, _) => browser.get(&path).await,
                (method, Some(_)) => browser.json(method.clone(), &path, &serde_json::json!({})).await,
                (_, None) => browser.post(&path, &[("revision", "1")]).await,
            };
            assert!(is_refused(&answer, &route), "{token}: {} {}: {}", route.method, route.path, answer.status);
        }
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn no_route_tells_that_a_foreign_thing_is_there(pool: PgPool) {
    let world = World::new(pool).await;
    let (nothing, filters) = (World::nothing(), Filters::read(&world).await);
    // Of another reseller's customer, of a customer without reseller, and of a neighbour under the same reseller.
    for (who, foreign) in [
        ("owner1@k1.example", [2, 3, 4].as_slice()),
        ("member1@k1.example", &[2, 3, 4]),
        ("payer1@k1.example", &[2, 3, 4]),
        ("r1@r1.example", &[3, 4]),
        ("r2@r2.example", &[1, 2, 4]),
    ] {
        for n in foreign {
            let things = world.things(*n).await;
            let before = world.records(things.zone).await;
            for route in server::routes().table() {
                if route.access == Access::Public {
                    continue;
                }
                let theirs = call(&world, &filters, who, &route, &things).await;
                let none = call(&world, &filters, who, &route, &nothing).await;
                let told = format!("{who} on K{n}: {} {}", route.method, route.path);
                assert_eq!(theirs.status, none.status, "{told}");
                let name = format!("k{n}-geheim");
                assert!(!theirs.text.contains(&name), "{told} shows {name}");
                assert!(!theirs.text.contains(["Eins", "Zwei", "Drei", "Vier"][usize::from(n - 1)]), "{told}");
            }
            assert_eq!(world.records(things.zone).await, before, "{who} changed K{n}'s zone");
        }
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn the_matrix_is_the_one_that_is_checked_in(pool: PgPool) {
    let world = World::new(pool).await;
    let filters = Filters::read(&world).await;
    let mut out = String::from(
        "# Every route as every role with ids of its own: the status. 303 leads on, 404 and 403 are refusals.\n",
    );
    let _ = writeln!(out, "{:<7}{:<46}{:<20}{}", "", "", "", Role::ALL.map(|r| format!("{:>9}", r.as_str())).join(""));
    for route in server::routes().table() {
        let needs = match route.access {
            Access::Public => "everybody",
            Access::Session => "a session",
            Access::Inside => "a login",
            Access::Mailbox => "a mailbox",
            Access::May(action) => action.as_str(),
        };
        let mut row = format!("{:<7}{:<46}{needs:<20}", route.method.as_str(), route.path);
        let mut passed = false;
        for role in Role::ALL {
            let who = match role {
                Role::Admin | Role::Operator | Role::Billing => format!("{}@h.example", role.as_str()),
                Role::Reseller => "r1@r1.example".to_owned(),
                Role::Owner | Role::Member | Role::Payer => format!("{}1@k1.example", role.as_str()),
            };
            let answer = call(&world, &filters, &who, &route, &world.things(1).await).await;
            passed |= answer.status.is_success() || answer.status.is_redirection();
            if let Access::May(action) = route.access
                && !role.may(action)
            {
                let expected = if action.is_read() { StatusCode::NOT_FOUND } else { StatusCode::FORBIDDEN };
                assert_eq!(answer.status, expected, "{who}: {} {}", route.method, route.path);
            }
            assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{who}: {} {}", route.method, route.path);
            let _ = write!(row, "{:>9}", answer.status.as_u16());
        }
        // Where a good call of nobody gets through, refusals prove nothing. There is no job here, no template and no upload.
        let absent = [
            "/api/v1/jobs/{id}",
            "/api/v1/zones",
            "/api/v1/templates/{id}",
            "/api/v1/mail-servers/{id}",
            "/api/v1/web-servers/{id}",
        ]
        .contains(&route.path)
            || route.path.starts_with("/api/v1/imports/");
        assert!(
            passed || route.doc.is_none() || absent,
            "{} {}: the body in this test is a bad one: {row}",
            route.method,
            route.path
        );
        let _ = writeln!(out, "{}", row.trim_end());
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/access.txt");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &out).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    let (kept, out) = (lines(&kept), lines(&out));
    let changed: Vec<&String> = kept.symmetric_difference(&out).collect();
    assert!(changed.is_empty(), "read the difference, then UPDATE_DOCS=1 cargo test: {changed:#?}");
}

#[test]
fn every_action_guards_something_and_every_route_is_guarded() {
    let table = server::routes().table();
    for route in &table {
        assert_eq!(route.path.starts_with("/api/v1"), route.doc.is_some(), "{}: the API has a document", route.path);
    }
    let public: Vec<&str> = table.iter().filter(|r| r.access == Access::Public).map(|r| r.path).collect();
    for path in public {
        assert!(
            [
                "/healthz",
                "/readyz",
                "/metrics",
                "/api/v1",
                "/api/v1/openapi.json",
                "/assets/{file}",
                "/login",
                "/logout",
                "/reset",
                "/link/{token}",
                "/language/{lang}",
                "/my/login",
                "/mail/config-v1.1.xml",
                "/.well-known/autoconfig/mail/config-v1.1.xml",
                "/.well-known/mta-sts.txt",
                "/homepage-answer/{token}",
                "/autodiscover/autodiscover.xml",
                "/Autodiscover/Autodiscover.xml"
            ]
            .contains(&path),
            "{path} is open to everybody: say so here"
        );
    }
    let used: Vec<Action> = table
        .iter()
        .filter_map(|r| match r.access {
            Access::May(action) => Some(action),
            _ => None,
        })
        .collect();
    // Asked for within a route, as it depends on whose login it is.
    let within = [Action::ManageStaff];
    for action in Action::ALL {
        assert!(used.contains(&action) || within.contains(&action), "{} guards nothing", action.as_str());
    }
}

/// Who holds a connection and waits for another can wait for somebody who does the same: with as many at once as there
/// are connections, nobody gets one.
#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn every_route_makes_do_with_one_connection(pool: PgPool) {
    use sqlx::ConnectOptions as _;
    let options = (*pool.connect_options()).clone().disable_statement_logging();
    let one = sqlx::postgres::PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(std::time::Duration::from_secs(3))
        .connect_with(options)
        .await
        .unwrap();
    let world = World::new(one.clone()).await;
    let filters = Filters::read(&world).await;
    for route in server::routes().table() {
        let answer = call(&world, &filters, "admin@h.example", &route, &world.things(1).await).await;
        assert!(!answer.status.is_server_error(), "{} {}: {}", route.method, route.path, answer.status);
    }
    // Entries of each kind are taken back: the matrix has one of a zone only.
    let billing = world.as_("billing@h.example").await;
    let customer = world.things(1).await.customer;
    let form = billing.get(&format!("/customers/{customer}/edit")).await;
    let fields = [("revision", form.hidden("revision")), ("company", "Eins".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    billing.post(&format!("/customers/{customer}/edit"), &fields).await;
    let owner = world.as_("owner1@k1.example").await;
    let (member,): (uuid::Uuid,) =
        sqlx::query_as("select id from users where email = 'member1@k1.example'").fetch_one(&one).await.unwrap();
    owner.post(&format!("/logins/{member}/switch"), &[("on", "")]).await;
    for (browser, action) in [(&billing, "edit-customer"), (&owner, "disable-login")] {
        let (entry,): (i64,) =
            sqlx::query_as("select max(id) from audit where action = $1").bind(action).fetch_one(&one).await.unwrap();
        assert_eq!(browser.post(&format!("/audit/{entry}/undo"), &[]).await.status, StatusCode::SEE_OTHER, "{action}");
    }
    one.close().await;
}
