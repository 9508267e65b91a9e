//! The outbox against a mail server at the far end: taken, put off, refused, given up.

use crate::support::panel;
use hostler::platform::{context::Context, settings};
use hostler_store::{Scope, outbox::NewMail};
use sqlx::PgPool;
use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

/// A mail server that takes mails, puts those for `later@` off and refuses those for `gone@`.
fn far_end() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let taken = Arc::new(Mutex::new(Vec::new()));
    let kept = taken.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = talk(stream, &kept);
        }
    });
    (format!("smtp://{address}"), taken)
}

fn talk(stream: TcpStream, taken: &Mutex<Vec<String>>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    writer.write_all(b"220 far.example ESMTP\r\n")?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 {
        let upper = line.to_uppercase();
        let answer: &[u8] = match &upper {
            u if u.starts_with("EHLO") => b"250-far.example\r\n250 8BITMIME\r\n",
            u if u.starts_with("RCPT") && u.contains("LATER@") => b"451 4.7.1 come back\r\n",
            u if u.starts_with("RCPT") && u.contains("GONE@") => b"550 5.1.1 nobody of that name\r\n",
            u if u.starts_with("DATA") => {
                writer.write_all(b"354 go on\r\n")?;
                let mut mail = String::new();
                loop {
                    let mut text = String::new();
                    reader.read_line(&mut text)?;
                    if text == ".\r\n" {
                        break;
                    }
                    mail.push_str(&text);
                }
                taken.lock().unwrap().push(mail);
                b"250 2.0.0 taken\r\n"
            }
            u if u.starts_with("QUIT") => {
                writer.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => b"250 ok\r\n",
        };
        writer.write_all(answer)?;
        line.clear();
    }
    Ok(())
}

async fn state(pool: &PgPool, to: &str) -> (String, i32, String, bool) {
    sqlx::query_as("select state, attempts, coalesce(reply, ''), body = '' from outbox where recipient = $1")
        .bind(to)
        .fetch_one(pool)
        .await
        .unwrap()
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn mails_are_sent_put_off_and_given_up(pool: PgPool) {
    let (url, taken) = far_end();
    let browser = panel(pool.clone()).await;
    let flags = [("mail.smtp_url".to_owned(), url), ("mail.from".to_owned(), "Panel <panel@h.example>".to_owned())];
    let context = Context { settings: Arc::new(settings::load(None, &flags).unwrap()), ..browser.context.clone() };
    let scope = Scope::for_machine("test");
    let mut tx = context.store.begin_identity(&scope, context.clock.now()).await.unwrap();
    for to in ["good@x.example", "later@x.example", "gone@x.example"] {
        let body = "Grüße\n.\nMAIL FROM:<evil@x.example>\n";
        let mail = NewMail {
            kind: "test",
            user: None,
            customer: None,
            recipient: to,
            subject: "Übung\r\nBcc: evil@x.example",
            body,
        };
        tx.queue_mail(&mail).await.unwrap();
    }
    tx.commit().await.unwrap();
    while hostler::platform::jobs::run_next(&context).await.unwrap() {}
    let mails = taken.lock().unwrap().clone();
    assert_eq!(mails.len(), 1, "one of three is taken");
    assert!(mails[0].contains("To: good@x.example") && mails[0].contains("Message-ID: <"), "{}", mails[0]);
    assert!(!mails[0].lines().any(|l| l.starts_with("Bcc:")), "{}", mails[0]);
    assert_eq!(state(&pool, "good@x.example").await.0, "sent");
    assert!(state(&pool, "good@x.example").await.3, "what was sent is kept nowhere");
    let (later, attempts, reply, emptied) = state(&pool, "later@x.example").await;
    assert_eq!((later.as_str(), attempts, emptied), ("waiting", 1, false));
    assert!(reply.contains("come back"), "{reply}");
    let (gone, _, reply, _) = state(&pool, "gone@x.example").await;
    assert!(gone == "failed" && reply.contains("nobody of that name"), "{gone}: {reply}");
    // It is tried again by itself, and given up after a day.
    for (minutes, expected) in [(1, 1), (2, 2)] {
        context.clock.advance(minutes * 60);
        hostler::platform::jobs::wake_mailer(&context).await.unwrap();
        while hostler::platform::jobs::run_next(&context).await.unwrap() {}
        assert_eq!(state(&pool, "later@x.example").await.1, expected, "after {minutes} minutes");
    }
    context.clock.advance(25 * 3600);
    hostler::platform::jobs::wake_mailer(&context).await.unwrap();
    while hostler::platform::jobs::run_next(&context).await.unwrap() {}
    assert_eq!(state(&pool, "later@x.example").await.0, "failed");
    // One that came back is told beside the invitation.
    let id: (uuid::Uuid,) =
        sqlx::query_as("select id from outbox where recipient = 'good@x.example'").fetch_one(&pool).await.unwrap();
    assert!(context.store.bounce_mail(id.0, "550 unknown").await.unwrap());
    assert_eq!(state(&pool, "good@x.example").await.0, "bounced");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_mail_server_that_is_away_is_asked_once_for_all(pool: PgPool) {
    // A port that was free a moment ago, and that nobody listens on.
    let away = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let browser = panel(pool.clone()).await;
    let flags = [("mail.smtp_url".to_owned(), format!("smtp://{away}"))];
    let context = Context { settings: Arc::new(settings::load(None, &flags).unwrap()), ..browser.context.clone() };
    let mut tx = context.store.begin_identity(&Scope::for_machine("test"), context.clock.now()).await.unwrap();
    for to in ["a@x.example", "b@x.example", "c@x.example"] {
        let mail = NewMail { kind: "test", user: None, customer: None, recipient: to, subject: "x", body: "x" };
        tx.queue_mail(&mail).await.unwrap();
    }
    tx.commit().await.unwrap();
    let tries = || async {
        while hostler::platform::jobs::run_next(&context).await.unwrap() {}
        let (sum,): (i64,) = sqlx::query_as("select sum(attempts) from outbox").fetch_one(&pool).await.unwrap();
        sum
    };
    assert_eq!(tries().await, 1, "no other would get through either");
    hostler::platform::jobs::wake_mailer(&context).await.unwrap();
    assert_eq!(tries().await, 1, "none is due yet");
    context.clock.advance(60);
    hostler::platform::jobs::wake_mailer(&context).await.unwrap();
    assert_eq!(tries().await, 2);
}
