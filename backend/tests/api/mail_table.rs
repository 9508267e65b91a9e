//! A table of mailboxes and aliases: what the plan says is what happens, and nothing of somebody else's is touched.

use crate::{
    support::{Answer, Browser},
    world::World,
};
use actix_web::{
    http::{StatusCode, header},
    test::TestRequest,
};
use sqlx::PgPool;

async fn table(browser: &Browser, step: &str, text: &[u8]) -> Answer {
    let mut body =
        format!("--XX\r\ncontent-disposition: form-data; name=\"step\"\r\n\r\n{step}\r\n--XX\r\n").into_bytes();
    body.extend_from_slice(b"content-disposition: form-data; name=\"file\"; filename=\"t.csv\"\r\n\r\n");
    body.extend_from_slice(text);
    body.extend_from_slice(b"\r\n--XX--\r\n");
    let request = TestRequest::post().uri("/mailboxes/table").insert_header(("sec-fetch-site", "same-origin"));
    let request = request.insert_header((header::CONTENT_TYPE, "multipart/form-data; boundary=XX"));
    browser.send(request.insert_header((header::ACCEPT_LANGUAGE, "en")).set_payload(body)).await
}

/// What the page says of an address.
fn said(page: &str, address: &str) -> String {
    let row = page.split("<tr>").find(|row| row.contains(&format!(">{address}<")));
    row.unwrap_or_else(|| panic!("no row of {address}: {page}")).to_owned()
}

const TABLE: &str = "Adresse;Name;Speicher;Weiterleitung;Ziele\n\
    neu@k1-geheim.example;Weiß, Anna;1 GB;;\n\
    post@k1-geheim.example;Die Post;;fern@else.example;\n\
    alle@k1-geheim.example;;;;neu@k1-geheim.example, fern@else.example\n\
    info@k1-geheim.example;falsch;;;\n\
    kreis@k1-geheim.example;;;;kreis@k1-geheim.example\n\
    x@k2-geheim.example;;;;\n\
    a\"b@k1-geheim.example;;;;\n\
    NEU@K1-Geheim.example;;;;\n\
    zuviel@k1-geheim.example;;viel;;\n";

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_is_planned_is_what_happens(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let owner = world.as_("owner1@k1.example").await;
    // As a spreadsheet of Windows writes it.
    let octets: Vec<u8> = TABLE.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let count = async || -> (i64, i64) {
        let sql =
            "select (select count(*) from audit), (select count(*) from mailboxes) + (select count(*) from aliases)";
        sqlx::query_as(sql).fetch_one(&pool).await.unwrap()
    };
    let before = count().await;
    let plan = table(&owner, "plan", &octets).await;
    assert_eq!(plan.status, StatusCode::OK, "{}", plan.text);
    assert!(plan.text.contains("2 made, 1 changed, 0 as they are, 6 refused"), "{}", plan.text);
    assert_eq!(count().await, before, "a plan changes nothing");
    let done = table(&owner, "apply", &octets).await;
    assert!(done.text.contains("2 made, 1 changed, 0 as they are, 6 refused"), "{}", done.text);
    for (address, reason) in [
        ("info@k1-geheim.example", "is an alias"),
        ("kreis@k1-geheim.example", "refused"),
        ("x@k2-geheim.example", "its domain is none of yours here"),
        ("NEU@K1-Geheim.example", "in the table twice"),
        ("zuviel@k1-geheim.example", "a size such as"),
    ] {
        for page in [&plan.text, &done.text] {
            assert!(said(page, address).contains(reason), "{address}: {}", said(page, address));
        }
    }
    // The password that was made is there once, and the names are whole.
    assert!(said(&done.text, "neu@k1-geheim.example").matches('-').count() >= 4);
    let list = owner.get("/api/v1/addresses?q=k1-geheim").await.text;
    assert!(list.contains("alle@k1-geheim.example") && list.contains("neu@k1-geheim.example"), "{list}");
    let (name, quota): (String, i64) =
        sqlx::query_as("select name, quota_bytes from mailboxes where address = 'neu@k1-geheim.example'")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!((name.as_str(), quota), ("Weiß, Anna", 1_000_000_000));
    // A second time there is nothing left to do.
    let again = table(&owner, "apply", &octets).await;
    assert!(again.text.contains("0 made, 0 changed, 3 as they are, 6 refused"), "{}", again.text);
    // Who may only read may not, and others see nothing of it.
    assert_eq!(
        table(&world.as_("member1@k1.example").await, "plan", b"x").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let other = world.as_("owner2@k2.example").await;
    let theirs = table(&other, "apply", b"Adresse;Name\nneu@k1-geheim.example;Meins\n").await;
    assert!(theirs.text.contains("0 made, 0 changed, 0 as they are, 1 refused"), "{}", theirs.text);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_is_no_table_is_said_so(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = world.as_("owner1@k1.example").await;
    for (text, told) in [
        (&b""[..], "no column"),
        (b"Adresse;Farbe\na@k1-geheim.example;rot\n", "nothing is known of a column"),
        (b"\0\xff\xfe", "column"),
        (&vec![b'x'; 10 << 20], "at most"),
    ] {
        let answer = table(&owner, "apply", text).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        assert!(answer.text.contains(told) && answer.text.len() < 100_000, "{told}: {}", answer.text);
    }
}
