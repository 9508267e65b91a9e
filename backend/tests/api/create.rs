//! New zones from templates.

use crate::world::World;
use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;

const VALUES: [(&str, &str); 5] = [
    ("ns1", "ns1.h.example."),
    ("ns2", "ns2.h.example."),
    ("hostmaster", "hostmaster.h.example."),
    ("ipv4", "192.0.2.80"),
    ("mx", "mail.h.example."),
];

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_zone_is_made_from_a_template_seen_by_its_customer_and_published(pool: PgPool) {
    let world = World::new(pool).await;
    let operator = world.as_("operator@h.example").await;
    let page = operator.get("/zones/new?name=b%C3%BCcher.example&customer=K1").await;
    assert!(page.text.contains("var_ipv4") && page.text.contains("bücher.example"), "{}", page.text);
    let mut fields: Vec<(String, String)> = VALUES.iter().map(|(n, v)| (format!("var_{n}"), (*v).to_owned())).collect();
    fields.extend(
        [("template", "Standard"), ("name", "bücher.example"), ("customer", "K1")]
            .map(|(n, v)| (n.to_owned(), v.to_owned())),
    );
    let send = |fields: Vec<(String, String)>| {
        let operator = &operator;
        async move {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            operator.post("/zones/new", &fields).await
        }
    };
    let made = send(fields.clone()).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let publish = made.header("location").to_owned();
    let owner = world.as_("owner1@k1.example").await;
    assert!(owner.get("/domains").await.text.contains("bücher.example"));
    assert!(!world.as_("owner2@k2.example").await.get("/domains").await.text.contains("bücher"));
    let page = operator.get(&publish).await;
    let revision = page.hidden("revision");
    assert_eq!(operator.post(&publish, &[("revision", &revision), ("note", "")]).await.status, StatusCode::SEE_OTHER);
    assert!(operator.get(&publish.replace("/publish", "/versions/1")).await.text.contains("xn--bcher-kva.example."));
    let twice = send(fields.clone()).await;
    assert!(twice.status == StatusCode::UNPROCESSABLE_ENTITY && twice.text.contains("a zone of that name already"));
    // Another customer's domain does not change hands by making a zone in it.
    for (name, value, told) in [
        ("name", "k2-geheim.example", "belongs to another customer"),
        ("name", "a b", "a b"),
        ("customer", "K99", "no customer of that number"),
        ("var_ipv4", "192.0.2.1\n@ NS evil.", "may hold letters"),
        ("var_ipv4", "", "is missing"),
        ("var_ipv4", "192.0.2.300", "192.0.2.300"),
        ("template", "Nonsense", "no template of that name"),
    ] {
        let mut wrong = fields.clone();
        wrong.retain(|(n, _)| n != name);
        if name != "name" {
            wrong.retain(|(n, _)| n != "name");
            wrong.push(("name".to_owned(), "neu.example".to_owned()));
        }
        wrong.push((name.to_owned(), value.to_owned()));
        let answer = send(wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {value}");
        assert!(answer.text.contains(told), "{name} {value}: {}", answer.text);
    }
    assert_eq!(world.as_("owner1@k1.example").await.get("/zones/new").await.status, StatusCode::FORBIDDEN);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn templates_are_zones_with_variables_and_the_api_makes_zones_of_them(pool: PgPool) {
    let world = World::new(pool).await;
    let operator = world.as_("operator@h.example").await;
    for (name, content, told) in [
        ("", "$TTL 60\n@ A 192.0.2.1\n", "characters"),
        ("T", "@ A {{a b}}\n", "is no variable"),
        ("T", "@ NONSENSE x\n", "NONSENSE"),
        ("T", "$INCLUDE /etc/passwd\n", "INCLUDE"),
        ("Standard", "$TTL 60\n@ A 192.0.2.1\n", "a template of that name already"),
    ] {
        let answer = operator.post("/templates", &[("id", ""), ("name", name), ("content", content)]).await;
        assert!(
            answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.text.contains(told),
            "{name} {content}: {}",
            answer.text
        );
    }
    let content = "$TTL 1h\n@ SOA {{ns}} h.h.example. 1 14400 1800 1209600 3600\n@ NS {{ns}}\n@ NS ns2.h.example.\n@ A {{ipv4}}\n";
    let saved = operator.post("/templates", &[("id", ""), ("name", "Klein"), ("content", content)]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let body = json!({ "name": "klein.example", "template": "Klein", "variables": { "ns": "ns1.h.example.", "ipv4": "192.0.2.3" } });
    let dry = operator.json(Method::POST, "/api/v1/zones?dry_run=true", &body).await;
    let dry: Value = serde_json::from_str(&dry.text).unwrap();
    assert!(dry["id"].is_null() && dry["text"].as_str().unwrap().contains("192.0.2.3"), "{dry}");
    let made = operator.json(Method::POST, "/api/v1/zones", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let again = operator.json(Method::POST, "/api/v1/zones", &body).await;
    assert!(
        again.status == StatusCode::UNPROCESSABLE_ENTITY && again.text.contains("\"field\":\"name\""),
        "{}",
        again.text
    );
}
