//! One change over many zones: previewed, done by a job, taken back as a whole.

use crate::world::World;
use actix_web::http::{Method, StatusCode};
use serde_json::json;
use sqlx::PgPool;

async fn data(pool: &PgPool, text: &str) -> i64 {
    sqlx::query_scalar("select count(*) from records where data = $1").bind(text).fetch_one(pool).await.unwrap()
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn an_address_moves_in_all_zones_that_match_and_comes_back(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let operator = world.as_("operator@h.example").await;
    let before = data(&pool, "192.0.2.25").await;
    assert_eq!(before, 4, "each zone has its mail server there");
    let preview =
        operator.get("/zones/bulk?q=geheim&do=replace_address&from=192.0.2.25&to=198.51.100.25&preview=1").await;
    assert!(
        preview.text.contains("Change 4 zones") && preview.text.contains("192.0.2.25 → 198.51.100.25"),
        "{}",
        preview.text
    );
    assert_eq!(data(&pool, "192.0.2.25").await, 4, "looking changes nothing");
    let fields =
        [("q", "geheim"), ("do", "replace_address"), ("from", "192.0.2.25"), ("to", "198.51.100.25"), ("publish", "1")];
    let begun = operator.post("/zones/bulk", &fields).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    world.run_jobs().await;
    let page = operator.get(begun.header("location")).await;
    assert_eq!(page.text.matches("published").count(), 4, "a result for each zone: {}", page.text);
    assert_eq!((data(&pool, "192.0.2.25").await, data(&pool, "198.51.100.25").await), (0, 4));
    let published: (i64,) =
        sqlx::query_as("select count(*) from zone_versions where number = 2 and content like '%198.51.100.25%'")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(published.0, 4);
    let entry = page.text.split("action=\"/audit/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(operator.post(&format!("/audit/{entry}/undo"), &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!((data(&pool, "192.0.2.25").await, data(&pool, "198.51.100.25").await), (4, 0), "all of it came back");
    assert_eq!(operator.post(&format!("/audit/{entry}/undo"), &[]).await.status, StatusCode::CONFLICT, "once");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_cannot_be_done_is_told_before_and_a_zone_that_moved_on_is_not_overwritten(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let operator = world.as_("operator@h.example").await;
    for (query, told) in [
        ("do=replace_address&from=x&to=192.0.2.1", "not an address"),
        ("do=replace_address&from=192.0.2.1&to=2001:db8::1", "other family"),
        ("do=set_ttl&ttl=soon", "not a time"),
        ("do=add_record&owner=www.a.example.&rtype=A&data=192.0.2.1", "relative to each zone"),
        ("do=add_record&owner=x&rtype=A&data=x%0A%40+NS+evil.", "x"),
    ] {
        let page = operator.get(&format!("/zones/bulk?{query}&preview=1")).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains(told), "{query}");
    }
    // A name that is an alias in one zone takes no other record there; the lint says so, and it is not published.
    let body = json!({ "selection": { "q": "k1-" }, "operation": { "do": "add_record", "owner": "www", "rtype": "A", "data": "192.0.2.7" }, "publish": true });
    let dry = operator.json(Method::POST, "/api/v1/zones/bulk?dry_run=true", &body).await;
    let dry: serde_json::Value = serde_json::from_str(&dry.text).unwrap();
    assert_eq!((dry["items"].as_array().unwrap().len(), &dry["job"]), (1, &serde_json::Value::Null));
    let begun = operator.json(Method::POST, "/api/v1/zones/bulk", &body).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.text);
    world.run_jobs().await;
    let job = serde_json::from_str::<serde_json::Value>(&begun.text).unwrap()["job"].as_str().unwrap().to_owned();
    assert!(operator.get(&format!("/jobs/{job}")).await.text.contains("it has errors, so it is not published"));
    // The record goes by hand; then the whole cannot be taken back, and nothing of it is.
    let zone = world.things(1).await.zone;
    sqlx::query("delete from records where zone_id = $1 and data = '192.0.2.7'")
        .bind(zone)
        .execute(&pool)
        .await
        .unwrap();
    let entry: (i64,) =
        sqlx::query_as("select max(id) from audit where action = 'bulk-zones'").fetch_one(&pool).await.unwrap();
    assert_eq!(operator.post(&format!("/audit/{}/undo", entry.0), &[]).await.status, StatusCode::CONFLICT);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn who_lost_the_right_meanwhile_changes_nothing(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let operator = world.as_("operator@h.example").await;
    let fields = [("do", "set_ttl"), ("ttl", "77")];
    assert_eq!(operator.post("/zones/bulk", &fields).await.status, StatusCode::SEE_OTHER);
    sqlx::query("update users set role = 'billing' where email = 'operator@h.example'").execute(&pool).await.unwrap();
    world.run_jobs().await;
    let (changed,): (i64,) =
        sqlx::query_as("select count(*) from records where ttl = 77").fetch_one(&pool).await.unwrap();
    assert_eq!(changed, 0);
    for who in ["owner1@k1.example", "r1@r1.example", "billing@h.example"] {
        assert_eq!(world.as_(who).await.post("/zones/bulk", &fields).await.status, StatusCode::FORBIDDEN, "{who}");
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_long_text_is_added_whole(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let operator = world.as_("operator@h.example").await;
    let key = format!("v=DKIM1; p={}", "A".repeat(700));
    let query = format!("q=k1-&do=add_record&owner=s1._domainkey&rtype=TXT&data={}&preview=1", key.replace(' ', "%20"));
    let preview = operator.get(&format!("/zones/bulk?{query}")).await;
    assert!(preview.text.contains(&format!("value=\"{key}\"")), "what is sent on is what was typed: {}", preview.text);
    let fields = [("q", "k1-"), ("do", "add_record"), ("owner", "s1._domainkey"), ("rtype", "TXT"), ("data", &key)];
    assert_eq!(operator.post("/zones/bulk", &fields).await.status, StatusCode::SEE_OTHER);
    world.run_jobs().await;
    let (stored,): (String,) =
        sqlx::query_as("select data from records where data like '\"v=DKIM1%'").fetch_one(&pool).await.unwrap();
    assert_eq!(stored.matches('A').count(), 700);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_selection_that_is_too_large_is_refused_and_not_cut(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let operator = world.as_("operator@h.example").await;
    sqlx::raw_sql(
        "insert into domains (id, name, unicode, created_at, updated_at)
             select gen_random_uuid(), 'many' || n || '.example', 'many' || n || '.example', now(), now() from generate_series(1, 5001) n;
         insert into zones (id, name, unicode, domain_id, created_at, updated_at)
             select gen_random_uuid(), name, unicode, id, now(), now() from domains where name like 'many%'",
    )
    .execute(&pool)
    .await
    .unwrap();
    let page = operator.get("/zones/bulk?q=many&do=set_ttl&ttl=77&preview=1").await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("More than 5000"), "{}", page.text);
    assert!(!page.text.contains(">0 zones match"), "nor is it none");
    let fields = [("q", "many"), ("do", "set_ttl"), ("ttl", "77")];
    assert_eq!(operator.post("/zones/bulk", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let body = json!({ "selection": { "q": "many" }, "operation": { "do": "set_ttl", "ttl": "77" } });
    let answer = operator.json(Method::POST, "/api/v1/zones/bulk", &body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("selection"), "{}", answer.text);
    let body = json!({ "selection": { "q": "many4711." }, "operation": { "do": "set_ttl", "ttl": "77" } });
    assert_eq!(operator.json(Method::POST, "/api/v1/zones/bulk", &body).await.status, StatusCode::ACCEPTED);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn chosen_rows_are_changed_and_no_others(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let operator = world.as_("operator@h.example").await;
    let page = operator.get("/domains?q=geheim").await;
    let ids: Vec<&str> = page
        .text
        .split("name=\"pick\" value=\"")
        .skip(1)
        .map(|t| t.split('"').next().unwrap())
        .filter(|t| *t != "-")
        .collect();
    assert_eq!(ids.len(), 4, "a box for each zone");
    let change = "do=replace_address&from=192.0.2.25&to=198.51.100.25";
    let path = format!("/zones/bulk?pick={}&pick={}&{change}&preview=1", ids[0], ids[2]);
    let preview = operator.get(&path).await;
    assert!(preview.text.contains("Change 2 zones"), "{}", preview.text);
    let pick = preview.hidden("pick");
    assert_eq!(pick, format!("{},{}", ids[0], ids[2]));
    // What is no id chooses nothing; it does not mean all.
    let none = operator.get(&format!("/zones/bulk?pick=x&{change}&preview=1")).await;
    assert!(!none.text.contains("Change 4 zones") && none.hidden("pick") == "-", "{}", none.text);
    // Nor does nothing ticked, or a text that nothing can be searched for with.
    for nothing in ["pick=-", "pick=", "q=%00", "q=%20%20"] {
        let none = operator.get(&format!("/zones/bulk?{nothing}&{change}&preview=1")).await;
        assert!(!none.text.contains("Change 4 zones"), "{nothing}: {}", none.text);
    }
    for q in ["\0", "  "] {
        let body = serde_json::json!({ "selection": { "q": q }, "operation": { "do": "set_ttl", "ttl": "301" } });
        let answer = operator.json(Method::POST, "/api/v1/zones/bulk?dry_run=true", &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    }
    let fields = |pick| [("pick", pick), ("do", "replace_address"), ("from", "192.0.2.25"), ("to", "198.51.100.25")];
    assert_eq!(operator.post("/zones/bulk", &fields("-")).await.status, StatusCode::SEE_OTHER);
    world.run_jobs().await;
    assert_eq!(data(&pool, "198.51.100.25").await, 0);
    assert_eq!(operator.post("/zones/bulk", &fields(&pick)).await.status, StatusCode::SEE_OTHER);
    world.run_jobs().await;
    assert_eq!((data(&pool, "192.0.2.25").await, data(&pool, "198.51.100.25").await), (2, 2));
    let member = world.as_("member1@k1.example").await.get("/domains").await;
    assert!(!member.text.contains("name=\"pick\""), "who may not change many sees no boxes");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_list_shows_the_columns_that_its_reader_chose_and_keeps_what_else_is_set(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let operator = world.as_("operator@h.example").await;
    let all = operator.get("/domains").await.text;
    assert!(all.contains(">Serial<") && all.contains(">Reseller<"));
    let few = operator.get("/domains?cols=zone&zone=fine&sort=-name&q=geheim").await.text;
    let head = few.split("<thead>").nth(1).unwrap().split("</thead>").next().unwrap();
    assert!(head.contains("Name") && head.contains("Zone") && !head.contains("Serial"), "{head}");
    let form = few.split("class=\"filters\"").nth(1).unwrap().split("</form>").next().unwrap();
    for kept in ["name=\"cols\" value=\"zone\"", "name=\"zone\" value=\"fine\"", "name=\"sort\" value=\"-name\""] {
        assert!(form.contains(kept), "a new search keeps {kept}: {form}");
    }
    assert_eq!(operator.get("/domains?cols=-%22%3E%3Cscript%3E").await.status, StatusCode::OK);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn facets_of_every_list_count_what_the_other_filters_leave(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let operator = world.as_("operator@h.example").await;
    for (list, facet) in [("domains", "zone"), ("customers", "reseller"), ("homepages", "kind"), ("addresses", "kind")]
    {
        let whole: serde_json::Value =
            serde_json::from_str(&operator.get(&format!("/api/v1/{list}")).await.text).unwrap();
        let counts = whole["facets"][facet].as_object().unwrap_or_else(|| panic!("{list}: {whole}"));
        for (code, count) in counts {
            let path = format!("/api/v1/{list}?{facet}={code}");
            let part: serde_json::Value = serde_json::from_str(&operator.get(&path).await.text).unwrap();
            assert_eq!(&part["total"], count, "{path}");
            assert_eq!(part["facets"], whole["facets"], "{path}: a facet leaves itself out");
        }
    }
}
