//! The API: tokens, lists, changes, errors, its document.

use crate::{support::Answer, world::World};
use actix_web::{
    http::{Method, StatusCode, header},
    test::TestRequest,
};
use serde_json::{Value, json};
use sqlx::PgPool;

/// Automation with a token of its own.
struct Robot<'w> {
    world: &'w World,
    token: String,
}

impl<'w> Robot<'w> {
    /// Makes the token as a person does.
    async fn new(world: &'w World, who: &str, actions: &[&str], networks: &str) -> Self {
        let browser = world.as_(who).await;
        let mut fields = vec![("name", "Robot"), ("days", "30"), ("networks", networks)];
        fields.extend(actions.iter().map(|a| ("actions", *a)));
        let page = browser.post("/account/tokens", &fields).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let token = format!("hst_{}", page.text.split(">hst_").nth(1).unwrap().split('<').next().unwrap());
        assert!(!browser.get("/account/tokens").await.text.contains(&token), "shown once");
        Self { world, token }
    }

    async fn call(&self, method: Method, path: &str, headers: &[(&'static str, &str)], body: Option<Value>) -> Answer {
        let mut request = TestRequest::default().method(method).uri(path);
        request = request.insert_header((header::AUTHORIZATION, format!("Bearer {}", self.token)));
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        if let Some(body) = body {
            request = request.set_json(body);
        }
        self.world.nobody().send(request).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], None).await
    }
}

fn value(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_else(|e| panic!("{e}: {}", answer.text))
}

/// Id of the record that the tests add.
fn record_id(zone: &Value) -> i64 {
    let records = zone["records"].as_array().unwrap();
    records.iter().find(|r| r["data"] == "192.0.2.81").unwrap()["id"].as_i64().unwrap()
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_token_does_what_it_was_made_for_and_no_more(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let zone = world.things(1).await.zone;
    let reader = Robot::new(&world, "operator@h.example", &["hosting.read"], "").await;
    assert_eq!(value(&reader.get("/api/v1/domains").await)["total"], 4);
    assert_eq!(reader.get("/api/v1/audit").await.status, StatusCode::NOT_FOUND, "not made for it");
    let path = format!("/api/v1/zones/{zone}/discard");
    assert_eq!(reader.call(Method::POST, &path, &[("if-match", "\"r1\"")], None).await.status, StatusCode::FORBIDDEN);
    for page in ["/", "/domains", "/account"] {
        assert_eq!(reader.get(page).await.status, StatusCode::SEE_OTHER, "{page}: a token is for the API");
    }
    let me = value(&reader.get("/api/v1/me").await);
    assert_eq!(me["actions"], json!(["hosting.read"]));
    let browser = world.as_("member1@k1.example").await;
    for action in ["staff.manage", "papers.import", "account.own", "nonsense"] {
        let page = browser.post("/account/tokens", &[("name", "x"), ("days", "1"), ("actions", action)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{action}");
    }
    let fixed = Robot::new(&world, "operator@h.example", &["hosting.read"], "198.51.100.0/24").await;
    assert_eq!(fixed.get("/api/v1/domains").await.status, StatusCode::UNAUTHORIZED, "from elsewhere");
    let forged = fixed.call(Method::GET, "/api/v1/domains", &[("x-forwarded-for", "198.51.100.7")], None).await;
    assert_eq!(forged.status, StatusCode::UNAUTHORIZED, "anybody can write that header");
    world.context().clock.advance(31 * 86_400);
    assert_eq!(reader.get("/api/v1/domains").await.status, StatusCode::UNAUTHORIZED, "its time is over");
    let again = Robot::new(&world, "operator@h.example", &["hosting.read"], "").await;
    sqlx::query("update users set role = 'member', customer_id = (select id from customers where number = 'K2') where email = 'operator@h.example'")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(value(&again.get("/api/v1/domains").await)["total"], 1, "it sees what its owner sees now");
    sqlx::query("update users set disabled_at = now() where email = 'operator@h.example'")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(again.get("/api/v1/domains").await.status, StatusCode::UNAUTHORIZED);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn lists_page_by_cursor_count_by_facet_and_come_as_csv(pool: PgPool) {
    let world = World::new(pool).await;
    let robot = Robot::new(&world, "admin@h.example", &["hosting.read", "customers.read"], "").await;
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = value(&robot.get(&format!("/api/v1/domains?limit=3&sort=-name{cursor}")).await);
        assert_eq!(page["total"], 4);
        names.extend(page["items"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(names, ["k4-geheim.example", "k3-geheim.example", "k2-geheim.example", "k1-geheim.example"]);
    let facets = &value(&robot.get("/api/v1/domains?q=k1-").await)["facets"]["zone"];
    assert_eq!(facets["none"], 0);
    assert_eq!(["errors", "warnings", "changed", "fine", "none"].iter().filter(|f| facets[**f].is_i64()).count(), 5);
    let own = robot.get("/api/v1/domains?format=csv&columns=serial,name").await;
    assert!(
        own.text.trim_start_matches('\u{feff}').starts_with("serial,name\r\n")
            || own.text.trim_start_matches('\u{feff}').starts_with("serial,name\n"),
        "{}",
        own.text
    );
    let wrong = robot.get("/api/v1/domains?format=csv&columns=serial,role").await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text.contains("columns"), "{}", wrong.text);
    let csv = robot.get("/api/v1/domains?format=csv").await;
    assert!(csv.header("content-type").starts_with("text/csv") && csv.text.lines().count() == 5, "{}", csv.text);
    for (query, field) in [
        ("colour=red", "colour"),
        ("sort=size", "sort"),
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("zone=odd", "zone"),
        ("cursor=1", "cursor"),
    ] {
        let wrong = robot.get(&format!("/api/v1/domains?{query}")).await;
        assert!(wrong.status.is_client_error(), "{query}");
        let problem = value(&wrong);
        assert_eq!(problem["errors"][0]["field"], field, "{query}: {problem}");
        assert_eq!(wrong.header("content-type"), "application/problem+json");
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_change_says_on_which_state_it_was_made_and_a_creation_happens_once(pool: PgPool) {
    let world = World::new(pool).await;
    let zone = world.things(1).await.zone;
    let robot = Robot::new(&world, "owner1@k1.example", &["hosting.read", "zones.edit", "audit.read"], "").await;
    let path = format!("/api/v1/zones/{zone}");
    let first = robot.get(&path).await;
    let tag = first.header("etag").to_owned();
    let record = json!({ "owner": "shop", "ttl": "1h", "type": "A", "data": "192.0.2.81" });
    let records = format!("{path}/records");
    let bare = robot.call(Method::POST, &records, &[], Some(record.clone())).await;
    assert_eq!(bare.status, StatusCode::PRECONDITION_REQUIRED);
    let keyed = [("if-match", tag.as_str()), ("idempotency-key", "k-1")];
    let made = robot.call(Method::POST, &records, &keyed, Some(record.clone())).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let again = robot.call(Method::POST, &records, &keyed, Some(record.clone())).await;
    assert_eq!((again.status, &again.text), (StatusCode::CREATED, &made.text), "the same answer, and one record");
    let mut other = record.clone();
    other["data"] = json!("192.0.2.82");
    assert_eq!(robot.call(Method::POST, &records, &keyed, Some(other.clone())).await.status, StatusCode::CONFLICT);
    let stale = robot.call(Method::POST, &records, &[("if-match", &tag)], Some(other.clone())).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    for (extra, field) in [("customer_id", "customer_id"), ("role", "role"), ("id", "id")] {
        let mut body = record.clone();
        body[extra] = json!("x");
        let wrong = robot.call(Method::POST, &records, &[("if-match", &tag)], Some(body)).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(value(&wrong)["errors"][0]["field"], field, "mass assignment is refused by name");
    }
    let now = robot.get(&path).await;
    let tag = now.header("etag").to_owned();
    let dry =
        robot.call(Method::POST, &format!("{path}/publish?dry_run=true"), &[("if-match", &tag)], Some(json!({}))).await;
    assert_eq!(value(&dry)["changes"].as_array().unwrap().len(), 1);
    assert_eq!(robot.get(&path).await.header("etag"), tag, "only tried");
    let published =
        robot.call(Method::POST, &format!("{path}/publish"), &[("if-match", &tag)], Some(json!({ "note": "n" }))).await;
    assert_eq!(value(&published)["version"], 2, "{}", published.text);
    let tag = published.header("etag").to_owned();
    assert_eq!(robot.get(&path).await.header("etag"), tag, "the tag of the answer is the one that holds");
    let id = record_id(&value(&robot.get(&path).await));
    let gone = robot.call(Method::DELETE, &format!("{path}/records/{id}"), &[("if-match", &tag)], None).await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.text);
    let log = value(&robot.get("/api/v1/audit?action=delete-record").await);
    let entry = log["items"][0]["id"].as_i64().unwrap();
    assert_eq!(log["items"][0]["via"], "token Robot");
    assert_eq!(
        robot.call(Method::POST, &format!("/api/v1/audit/{entry}/undo"), &[], None).await.status,
        StatusCode::NO_CONTENT
    );
    assert!(robot.get(&path).await.text.contains("192.0.2.81"), "it is there again");
    assert_eq!(
        robot.call(Method::POST, &format!("/api/v1/audit/{entry}/undo"), &[], None).await.status,
        StatusCode::CONFLICT,
        "once"
    );
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn the_document_names_every_operation_and_is_open(pool: PgPool) {
    let world = World::new(pool).await;
    let document = value(&world.nobody().get("/api/v1/openapi.json").await);
    assert_eq!(document["openapi"], "3.1.0");
    for route in hostler::http::server::routes().table().iter().filter(|r| r.doc.is_some()) {
        let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        assert!(operation["operationId"].is_string(), "{} {}", route.method, route.path);
        assert!(operation["responses"]["default"].is_object());
    }
    assert_eq!(world.nobody().get("/api/v1").await.status, StatusCode::OK);
    let wrong = world.nobody().send(TestRequest::put().uri("/api/v1/domains")).await;
    assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(wrong.header("allow").contains("GET"), "{}", wrong.header("allow"));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_no_row_could_hold_is_the_askers_fault(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let zone = world.things(1).await.zone;
    let actions = ["hosting.read", "zones.edit", "audit.read"];
    let robot = Robot::new(&world, "admin@h.example", &actions, "").await;
    for path in ["/api/v1/domains?q=a%00b", "/api/v1/customers?q=%00", "/api/v1/audit?actor=%00"] {
        let answer = robot.get(path).await;
        assert!(!answer.status.is_server_error(), "{path}: {} {}", answer.status, answer.text);
    }
    let record = json!({ "name": "x\u{0}", "type": "TXT", "data": "\u{0}", "ttl": 300 });
    let path = format!("/api/v1/zones/{zone}/records");
    let answer = robot.call(Method::POST, &path, &[("if-match", "\"r1\"")], Some(record)).await;
    assert!(answer.status.is_client_error(), "{} {}", answer.status, answer.text);
    let browser = world.as_("admin@h.example").await;
    for path in ["/audit?from=-9999-01-01", "/audit?to=99999-01-01", "/domains?q=%00", "/search?q=%00"] {
        let answer = browser.get(path).await;
        assert!(!answer.status.is_server_error(), "{path}: {}", answer.status);
    }
    let twice = browser.post("/views", &[("list", "/domains"), ("name", "a\u{0}b"), ("query", "q=x")]).await;
    assert!(twice.status.is_client_error(), "{}", twice.status);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn tokens_and_kept_views_have_bounds(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let browser = world.as_("operator@h.example").await;
    let (user,): (uuid::Uuid,) =
        sqlx::query_as("select id from users where email = 'operator@h.example'").fetch_one(&pool).await.unwrap();
    sqlx::query(
        "insert into api_tokens (id, token_hash, user_id, name, actions, networks, created_at, expires_at)
         select gen_random_uuid(), decode(md5(n::text) || md5(n::text), 'hex'), $1, 'Robot ' || n, '{hosting.read}', '{}',
             $2::timestamptz, $2::timestamptz + make_interval(days => n) from generate_series(1, 100) n",
    )
    .bind(user)
    .bind(world.context().clock.now())
    .execute(&pool)
    .await
    .unwrap();
    let fields = [("name", "One more"), ("days", "30"), ("networks", ""), ("actions", "hosting.read")];
    let refused = browser.post("/account/tokens", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("100"), "{}", refused.text);
    world.context().clock.advance(86_400 + 1);
    let browser = world.as_("operator@h.example").await;
    assert_eq!(browser.post("/account/tokens", &fields).await.status, StatusCode::OK, "one of them ran out");
    for n in 0..50 {
        let name = format!("View {n}");
        let kept = browser.post("/views", &[("list", "/domains"), ("name", &name), ("query", "q=x")]).await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER);
    }
    let view = |name| [("list", "/domains"), ("name", name), ("query", "q=y")];
    assert_eq!(browser.post("/views", &view("View 50")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.post("/views", &view("View 7")).await.status, StatusCode::SEE_OTHER, "in the place of one");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_the_framework_refuses_is_a_problem_as_well(pool: PgPool) {
    let world = World::new(pool).await;
    let robot = Robot::new(&world, "operator@h.example", &["zones.create", "papers.import", "papers.read"], "").await;
    let huge = json!({ "name": "x".repeat(2_000_000), "content": "" });
    let answer = robot.call(Method::POST, "/api/v1/templates", &[], Some(huge)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.text);
    let large = json!({ "name": "Groß", "content": format!("; {}\n@ 60 IN A 192.0.2.1", "\u{1f600}".repeat(16_000)) });
    let answer = robot.call(Method::POST, "/api/v1/templates", &[], Some(large)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let upload = TestRequest::post()
        .uri("/api/v1/imports?source=a%2F..%2Fb%0A.zip")
        .insert_header((header::AUTHORIZATION, format!("Bearer {}", robot.token)))
        .insert_header(("idempotency-key", "k1"))
        .set_payload("no archive");
    let taken = value(&world.nobody().send(upload).await);
    world.run_jobs().await;
    let import = value(&robot.get(&format!("/api/v1/imports/{}", taken["id"].as_str().unwrap())).await);
    assert_eq!((import["state"].as_str(), import["source"].as_str()), (Some("failed"), Some("b.zip")), "{import}");
    let path = format!("/api/v1/imports/{}/apply", import["id"].as_str().unwrap());
    let apply = robot.call(Method::POST, &path, &[], None).await;
    assert_eq!(apply.status, StatusCode::PRECONDITION_FAILED, "there is no plan");
}
