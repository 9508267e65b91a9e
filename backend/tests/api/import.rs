//! Taking over papers: by upload with a plan, and what the database says afterwards.

use crate::support::{ZONE, demo, panel};
use actix_web::http::StatusCode;
use hostler_papers::files::PaperFiles;
use sqlx::PgPool;
use std::io::{Cursor, Write};

fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn an_upload_is_planned_first_and_applied_on_demand(pool: PgPool) {
    let mut browser = panel(pool).await;
    browser.log_in().await;
    let archive = zip_of(&[
        ("alt/customers.csv", b"Kundennr;Firma\nK1;M\xfcller\nK2;\"a\nb\"\n"),
        ("alt/domains.csv", b"Domain;Kundennr\na.example;K1\n"),
        ("alt/dns/zones/a.example", ZONE.as_bytes()),
    ]);
    let answer = browser.upload("alt.zip", &archive).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let path = answer.header("location").to_owned();
    assert!(browser.get(&path).await.text.contains("being read"));
    let other = browser.upload("other.zip", &archive).await.header("location").to_owned();
    assert!(browser.get(&other).await.text.contains("Cancel"));
    browser.post(&format!("{other}/cancel"), &[]).await;
    browser.run_jobs().await;
    assert_eq!(browser.post(&format!("{other}/cancel"), &[]).await.status, StatusCode::CONFLICT, "it is over");
    let waiting = browser.upload("noch.zip", &archive).await.header("location").to_owned();
    browser.run_jobs().await;
    assert_eq!(browser.post(&format!("{waiting}/cancel"), &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        browser.post(&format!("{waiting}/apply"), &[]).await.status,
        StatusCode::PRECONDITION_FAILED,
        "given up"
    );
    assert!(browser.get(&other).await.text.contains("the plan was cancelled"), "a cancelled plan is never made");
    let plan = browser.get(&path).await;
    assert!(plan.text.contains("Take over 3 rows") && plan.text.contains("holds a line break"), "{}", plan.text);
    assert!(browser.get("/customers").await.text.contains("0 hits"), "a plan changes nothing");
    assert_eq!(browser.post(&format!("{path}/apply"), &[]).await.status, StatusCode::SEE_OTHER);
    browser.run_jobs().await;
    assert!(browser.get(&path).await.text.contains("applied"));
    assert!(browser.get("/customers?q=m%C3%BCller").await.text.contains("1 hit"));
    assert!(browser.get("/domains").await.text.contains("a.example"));
    // By their data, by their name below the zone, and by the beginning of their whole name, in any case of letters.
    for q in ["192.0.2.25", "MAIL+192", "Mail.a.exam"] {
        let found = browser.get(&format!("/domains?q={q}&records=1")).await.text;
        assert!(found.contains("mail.a.example"), "records are found by {q}");
    }
    let reconciliation = browser.get("/reconciliation").await;
    let kept = reconciliation.text.split("/reconciliation/kept/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let download = browser.get(&format!("/reconciliation/kept/{kept}")).await;
    assert_eq!(download.text, "K2;\"a\nb\"\n");
    assert!(download.header("content-disposition").starts_with("attachment"));
    assert_eq!(browser.post(&format!("{path}/apply"), &[]).await.status, StatusCode::PRECONDITION_FAILED, "only once");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_is_no_archive_of_papers_fails_with_its_reason(pool: PgPool) {
    let mut browser = panel(pool).await;
    browser.log_in().await;
    for (bytes, reason) in [
        (b"hello".to_vec(), "neither a zip nor a tar"),
        (zip_of(&[("holiday.jpg", b"x")]), "none of the papers is there"),
        (zip_of(&[("customers.csv", &vec![b'0'; 70 << 20])]), "more than 64 MB"),
    ] {
        let answer = browser.upload("x.zip", &bytes).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        browser.run_jobs().await;
        let page = browser.get(answer.header("location")).await;
        assert!(page.text.contains(reason), "{reason}: {}", page.text);
    }
    assert_eq!(browser.upload("empty.zip", b"").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let large = browser.upload("large.zip", &vec![0; 65 << 20]).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(large.text.contains("larger than 64 MB"));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_second_run_changes_nothing_and_an_edit_made_here_stays(pool: PgPool) {
    let mut browser = panel(pool).await;
    browser.log_in().await;
    let files = PaperFiles::from_folder(&demo()).unwrap();
    let first = browser.import_files(&files).await;
    assert!(first.create.total() > 100, "{first:?}");
    let second = browser.import_files(&files).await;
    assert_eq!((second.create.total(), second.update.total(), second.conflict.total()), (0, 0, 0), "{second:?}");
    assert_eq!(second.identical, first.create);
    assert_eq!(second.refused, first.refused);

    let path = browser.zone_path("herrenlos.de").await;
    let revision = browser.get(&path).await.hidden("revision");
    browser
        .post(
            &format!("{path}/records"),
            &[("revision", &revision), ("owner", "neu"), ("rtype", "A"), ("data", "192.0.2.9")],
        )
        .await;
    let third = browser.import_files(&files).await;
    assert_eq!((third.update.zones, third.conflict.zones), (0, 0), "the papers say what they said");
    let mut changed = PaperFiles::from_folder(&demo()).unwrap();
    let zone = changed.all.get_mut("dns/zones/herrenlos.de").unwrap();
    zone.extend_from_slice(b"\nalt A 192.0.2.10\n");
    let fourth = browser.import_files(&changed).await;
    assert_eq!((fourth.update.zones, fourth.conflict.zones), (0, 1), "{fourth:?}");
    assert!(browser.get(&path).await.text.contains("192.0.2.9"), "the edit stays");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn the_truth_about_the_demo_papers_is_found(pool: PgPool) {
    let mut browser = panel(pool.clone()).await;
    browser.log_in().await;
    let plan = browser.import_files(&PaperFiles::from_folder(&demo()).unwrap()).await;
    let truth: serde_json::Value =
        serde_json::from_slice(&std::fs::read(demo().with_file_name("truth.json")).unwrap()).unwrap();
    assert_eq!(serde_json::to_value(plan.create).unwrap(), truth["counts"]);
    for planted in truth["refused"].as_array().unwrap() {
        let found = plan.refused.iter().any(|r| planted[0] == r.file.as_str() && planted[1] == r.line.unwrap_or(0));
        assert!(found, "{planted} is not refused: {:?}", plan.refused);
    }
    assert_eq!(plan.refused.len(), truth["refused"].as_array().unwrap().len(), "{:?}", plan.refused);
    let problems: Vec<(String, String)> =
        sqlx::query_as("select kind, subject from problems").fetch_all(&pool).await.unwrap();
    for planted in truth["problems"].as_array().unwrap() {
        let found =
            problems.iter().any(|(kind, subject)| planted[0] == kind.as_str() && planted[1] == subject.as_str());
        assert!(found, "{planted} is not found");
    }
    let withheld: Vec<(String,)> =
        sqlx::query_as("select name from zones where published_number is null order by name")
            .fetch_all(&pool)
            .await
            .unwrap();
    let mut expected: Vec<String> =
        truth["zones_withheld"].as_array().unwrap().iter().map(|z| z.as_str().unwrap().to_owned()).collect();
    expected.sort();
    assert_eq!(withheld.into_iter().map(|(n,)| n).collect::<Vec<_>>(), expected);
    for path in [
        "/",
        "/reconciliation",
        "/homepages",
        "/mail",
        "/mail?kind=alias&sort=-bytes",
        "/domains?zone=errors",
        "/customers?reseller=R100",
        "/reconciliation?kind=alias-loop",
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.text.replace("<kbd>?</kbd>", "").contains(">?<"), "a text is missing on {path}");
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_domain_that_papers_give_to_somebody_else_is_in_both_logs(pool: PgPool) {
    let browser = panel(pool.clone()).await;
    let customers = ("customers.csv", "Kundennr;Firma\nK1;Eins\nK2;Zwei\n");
    browser.import(&[customers, ("domains.csv", "Domain;Kundennr\na.example;K1\nb.example;K1\n")]).await;
    let plan = browser.import(&[customers, ("domains.csv", "Domain;Kundennr\na.example;K2\nb.example;K1\n")]).await;
    let told: Vec<&str> = plan.moving.iter().map(|n| n.reason.as_str()).collect();
    assert_eq!(told, ["a.example goes from customer K1 to K2"], "the plan says so before");
    let told: Vec<(String, String, String, String)> = sqlx::query_as(
        "select c.number, a.label, a.before::text, a.after::text from audit a join customers c on c.id = a.customer_id
         where a.action = 'move-domain' order by c.number",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let row = |number: &str| (number.to_owned(), "a.example".to_owned(), "\"K1\"".to_owned(), "\"K2\"".to_owned());
    assert_eq!(told, [row("K1"), row("K2")]);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn papers_do_not_bring_back_what_was_given_up_or_set_here(pool: PgPool) {
    let browser = panel(pool.clone()).await;
    let papers = |usage: &'static str| {
        [
            ("customers.csv", "Kundennr;Firma\nK1;Eins\n"),
            ("domains.csv", "Domain;Kundennr\na.example;K1\n"),
            (
                "mail/passwd",
                "weg@a.example:{SSHA}x::::::userdb_quota_rule=*:storage=1G\nda@a.example:{SSHA}x::::::userdb_quota_rule=*:storage=1G\n",
            ),
            ("mail/usage.tsv", usage),
        ]
    };
    browser.import(&papers("weg@a.example\t1\t1\nda@a.example\t1\t1\n")).await;
    sqlx::raw_sql(
        "update mailboxes set archived_at = now() where address like 'weg@%';
         update mailboxes set quota_bytes = 5000, password_at = now(), password_scheme = 'ARGON2ID' where address like 'da@%'",
    )
    .execute(&pool)
    .await
    .unwrap();
    browser.import(&papers("weg@a.example\t2\t2\nda@a.example\t2\t2\n")).await;
    let rows: Vec<(String, bool, i64, String)> = sqlx::query_as(
        "select address, archived_at is not null, quota_bytes, password_scheme from mailboxes order by address",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!((&rows[0].0[..2], rows[0].1, rows[0].2, rows[0].3.as_str()), ("da", false, 5000, "ARGON2ID"));
    assert!(rows[1].1, "given up stays given up");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_mailbox_has_the_quota_that_its_papers_say_and_none_if_they_say_none(pool: PgPool) {
    let browser = panel(pool.clone()).await;
    let line = |name: &str, extra: &str| format!("{name}@a.example:{{SSHA}}x:5000:5000::/x::{extra}\n");
    let passwd = line("ohne", "")
        + &line("klein", "userdb_quota_rule=*:storage=5M")
        + &line("keine", "userdb_quota_rule=*:storage=0");
    browser.import(&[("domains.csv", "Domain;Kundennr\na.example;\n"), ("mail/passwd", &passwd)]).await;
    let quotas: Vec<(String, Option<i64>)> =
        sqlx::query_as("select address, quota_bytes from mailboxes order by address").fetch_all(&pool).await.unwrap();
    let expected = [("keine@a.example", None), ("klein@a.example", Some(5 << 20)), ("ohne@a.example", None)];
    assert_eq!(quotas, expected.map(|(a, q)| (a.to_owned(), q)));
}
