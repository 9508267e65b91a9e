//! Pictures of homepages by a real Chromium, which is led nowhere else.

use crate::{
    probe::{addresses, answers, asked, html, trap},
    support::panel_with,
};
use actix_web::http::{Method, header};
use serde_json::json;
use sqlx::PgPool;
use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::atomic::Ordering,
    time::Duration,
};
use uuid::Uuid;

/// Pages that differ in their colour, and try to reach what is inside by every way that a page has.
fn page(host: &str, inside: u16) -> Option<Vec<u8>> {
    let colour = match host {
        "rot.example" => "#c00",
        "blau.example" => "#00c",
        _ => return None,
    };
    Some(html(&format!(
        "<title>Seite</title><body style='background:{colour}'><h1>Eine Seite mit einigen Worten darauf, damit man sie sieht</h1>
        <img src='http://127.0.0.1:{inside}/a.png'><img src='http://localhost:{inside}/b.png'><img src='http://innen.example/c.png'>
        <img src='http://[::1]:{inside}/d.png'><link rel=stylesheet href='http://innen.example/e.css'><link rel=preconnect href='http://127.0.0.1:{inside}'>
        <iframe src='http://innen.example/'></iframe>
        <script>fetch('http://127.0.0.1:{inside}/f', {{mode: 'no-cors'}}); fetch('http://innen.example/g', {{mode: 'no-cors'}});
        new WebSocket('ws://127.0.0.1:{inside}/h'); navigator.sendBeacon('http://127.0.0.1:{inside}/i', 'x');</script>"
    )))
}

fn serve(listener: TcpListener, inside: u16) {
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
                stream.set_write_timeout(Some(Duration::from_secs(20))).ok()?;
                let (host, _) = asked(&mut stream)?;
                let gone = || b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec();
                stream.write_all(&page(&host, inside).unwrap_or_else(gone)).ok()?;
                let _ = stream.shutdown(std::net::Shutdown::Write);
                stream.read(&mut [0; 64]).ok()
            });
        }
    });
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_browser_shows_what_is_there_and_is_led_nowhere_else(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let [own, inner, ..] = addresses();
    let listener = TcpListener::bind((own, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    // One of them is this machine itself, the other has a name that a page may know.
    let here = TcpListener::bind("127.0.0.1:0").unwrap();
    let inside = here.local_addr().unwrap().port();
    let traps = [trap(here), trap(TcpListener::bind((inner, port)).unwrap())];
    serve(listener, inside);
    let zone = format!(
        "$ORIGIN example.\n$TTL 60\n@ SOA ns.example. h.example. 1 14400 1800 1209600 60\n@ NS ns\nns A 127.0.0.1\n\
         rot A {own}\nblau A {own}\ninnen A {inner}\n"
    );
    let (_knot, dns) = answers(folder.path(), &zone);
    let settings = [
        ("dns.resolvers", dns.to_string()),
        ("probe.dns_port", dns.port().to_string()),
        ("probe.allow_networks", format!("{own}/32")),
        ("probe.http_port", port.to_string()),
        ("probe.https_port", port.to_string()),
        ("probe.browser", "/usr/bin/chromium".to_owned()),
    ];
    let mut browser = panel_with(pool.clone(), &settings).await;
    let hosts = ["rot.example", "blau.example"]
        .map(|name| format!("<VirtualHost {own}:80>\nServerName {name}\n</VirtualHost>\n"));
    browser.import(&[("web/sites-enabled/alle.conf", hosts.concat().as_str())]).await;
    browser.log_in().await;
    let asked = browser.json(Method::POST, "/api/v1/homepages/sweep", &json!({})).await;
    assert_eq!(asked.status, 202, "{}", asked.text);
    while hostler::platform::jobs::run_next(&browser.context).await.unwrap() {}
    let states: Vec<(String, Option<String>, String)> =
        sqlx::query_as("select kind, error, state from jobs where kind like 'homepages%' order by created_at")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert!(states.len() == 2 && states.iter().all(|s| s.2 == "done"), "{states:?}");
    let mut pictures = Vec::new();
    for name in ["rot.example", "blau.example"] {
        let id: Uuid =
            sqlx::query_scalar("select id from homepages where name = $1").bind(name).fetch_one(&pool).await.unwrap();
        let picture = browser.get(&format!("/homepages/{id}/picture")).await;
        assert_eq!(
            (picture.status.as_u16(), picture.headers.get(header::CONTENT_TYPE).unwrap().as_bytes()),
            (200, &b"image/png"[..])
        );
        let png: Vec<u8> = sqlx::query_scalar("select png from homepage_pictures where homepage_id = $1")
            .bind(id)
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(png[16..24], [0, 0, 2, 128, 0, 0, 1, 224], "640 by 480");
        assert!(
            browser
                .get(&format!("/homepages/{id}/evidence"))
                .await
                .text
                .contains(&format!("/homepages/{id}/picture?at="))
        );
        pictures.push(png);
    }
    assert_ne!(pictures[0], pictures[1], "each shows its own");
    assert_eq!(traps.map(|t| t.load(Ordering::SeqCst)), [0, 0], "nobody was led inside");
    // Nobody else sees them, and without a look there is none to take.
    let nothing = browser.get(&format!("/homepages/{}/picture", Uuid::new_v4())).await;
    assert_eq!(nothing.status, 404);
    browser.json(Method::POST, "/api/v1/homepages/sweep", &json!({})).await;
    while hostler::platform::jobs::run_next(&browser.context).await.unwrap() {}
    let last: serde_json::Value = sqlx::query_scalar(
        "select result from jobs where kind = 'homepages-pictures' order by created_at desc limit 1",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(last, json!({ "taken": 0, "failed": 0 }), "they are fresh");
}
