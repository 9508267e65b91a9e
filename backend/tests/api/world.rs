//! A provider with two resellers and four customers, and people of every role in it.

use crate::support::{Browser, panel};
use hostler_store::Scope;
use sqlx::PgPool;
use uuid::Uuid;

/// Everybody who can log in: address, role, customer's number, reseller's number.
pub(crate) const PEOPLE: &[(&str, &str, &str, &str)] = &[
    ("admin@h.example", "admin", "", ""),
    ("operator@h.example", "operator", "", ""),
    ("billing@h.example", "billing", "", ""),
    ("r1@r1.example", "reseller", "", "R1"),
    ("r2@r2.example", "reseller", "", "R2"),
    ("owner1@k1.example", "owner", "K1", ""),
    ("member1@k1.example", "member", "K1", ""),
    ("payer1@k1.example", "payer", "K1", ""),
    ("owner2@k2.example", "owner", "K2", ""),
    ("owner3@k3.example", "owner", "K3", ""),
    ("owner4@k4.example", "owner", "K4", ""),
];

const CUSTOMERS: &str = "Kundennr;Firma;E-Mail;Wiederverkäufer\nK1;Firma Eins;eins@k1.example;R1\nK2;Firma Zwei;zwei@k2.example;R1\n\
    K3;Firma Drei;drei@k3.example;R2\nK4;Firma Vier;vier@k4.example;\n";

/// A panel with all of it.
pub(crate) struct World {
    pub(crate) pool: PgPool,
    browser: Browser,
}

/// Ids of what belongs to a customer.
#[derive(Debug, Clone)]
pub(crate) struct Things {
    pub(crate) customer: Uuid,
    pub(crate) zone: Uuid,
    pub(crate) record: i64,
    pub(crate) entry: i64,
    pub(crate) login: Uuid,
    pub(crate) session: Uuid,
    pub(crate) token: Uuid,
    pub(crate) mailbox: Uuid,
    pub(crate) alias: Uuid,
    pub(crate) homepage: Uuid,
    pub(crate) app: Uuid,
    /// A key that waits, and one that signs.
    pub(crate) keys: (Uuid, Uuid),
    /// Of the customer, the zone, and the login.
    pub(crate) revisions: (i32, i32, i32),
    /// Of the mailbox and the alias.
    pub(crate) mail_revisions: (i32, i32, i32),
}

impl World {
    pub(crate) async fn new(pool: PgPool) -> Self {
        let browser = panel(pool.clone()).await;
        let mut domains = "Domain;Kundennr;Wiederverkäufer\n".to_owned();
        let mut files = vec![("customers.csv".to_owned(), CUSTOMERS.to_owned())];
        let (mut boxes, mut aliases) = (String::new(), String::new());
        for n in 1..=4 {
            domains.push_str(&format!("k{n}-geheim.example;K{n};\n"));
            let zone = crate::support::ZONE.replace("192.0.2.1", &format!("192.0.2.{n}"));
            files.push((format!("dns/zones/k{n}-geheim.example"), zone));
            files.push((
                format!("web/sites-enabled/k{n}.conf"),
                format!(
                    "<VirtualHost *:80>\nServerName www.k{n}-geheim.example\nDocumentRoot /srv/k{n}\n</VirtualHost>\n"
                ),
            ));
            boxes.push_str(&format!("post@k{n}-geheim.example x/\n"));
            aliases.push_str(&format!("info@k{n}-geheim.example post@k{n}-geheim.example\n"));
        }
        files.push(("domains.csv".to_owned(), domains));
        files.push(("mail/vmailbox".to_owned(), boxes));
        files.push(("mail/virtual".to_owned(), aliases));
        let files: Vec<(&str, &str)> = files.iter().map(|(n, b)| (n.as_str(), b.as_str())).collect();
        let plan = browser.import(&files).await;
        assert!(plan.refused.is_empty(), "{:?}", plan.refused);
        for (email, role, customer, reseller) in PEOPLE {
            sqlx::query(
                "insert into users (id, email, name, role, customer_id, reseller_id, created_at, accepted_at)
                 values (gen_random_uuid(), $1, $1, $2, (select id from customers where number = $3),
                     (select id from resellers where number = $4), now(), now())",
            )
            .bind(email)
            .bind(role)
            .bind(customer)
            .bind(reseller)
            .execute(&pool)
            .await
            .unwrap();
        }
        sqlx::query(
            "insert into app_passwords (id, mailbox_id, label, hash, protocols, created_at)
             select gen_random_uuid(), id, 'geheimes-telefon', '{CRYPT}*', '{imap}', now() from mailboxes",
        )
        .execute(&pool)
        .await
        .unwrap();
        sqlx::query(
            "insert into looks (homepage_id, at, class, confidence, signals, seen)
             select id, now(), 'alive', 90, jsonb_build_array(jsonb_build_object('name', 'title', 'value', name, 'supports', true)),
                 '{\"dns\": {\"answer\": \"no_name\"}, \"http\": null, \"https\": null, \"default\": null}' from homepages",
        )
        .execute(&pool)
        .await
        .unwrap();
        sqlx::query("update homepages set class = 'alive', looked_at = now()").execute(&pool).await.unwrap();
        sqlx::query(
            "insert into homepage_pictures (homepage_id, taken_at, png) select id, now(), '\\x89504e47' from homepages",
        )
        .execute(&pool)
        .await
        .unwrap();
        // Every customer's people have a session, a token, and something in the log.
        for n in 1..=4 {
            sqlx::query("insert into api_tokens (id, token_hash, user_id, name, actions, networks, created_at, expires_at)
                 select gen_random_uuid(), $1, id, 'geheimes-token', '{hosting.read}', '{}', now(), now() + interval '1 day' from users where email = $2")
                .bind(vec![u8::try_from(n).unwrap(); 32]).bind(format!("owner{n}@k{n}.example")).execute(&pool).await.unwrap();
            sqlx::query(
                "insert into audit (at, actor, action, entity, entity_id, label, customer_id, before, after)
                 select now(), 'someone', 'add-record', 'zone', z.id::text, z.name, d.customer_id, null,
                     to_jsonb(format('www.%s. 3600 IN CNAME %s.', z.name, z.name))
                 from zones z join domains d on d.id = z.domain_id where z.name = $1",
            )
            .bind(format!("k{n}-geheim.example"))
            .execute(&pool)
            .await
            .unwrap();
        }
        let world = Self { pool, browser };
        for (email, ..) in PEOPLE {
            world.session(email).await;
        }
        world
    }

    /// A browser in which this person is logged in.
    pub(crate) async fn as_(&self, email: &str) -> Browser {
        self.browser.with_token(&self.session(email).await)
    }

    /// A browser in which nobody is.
    pub(crate) fn nobody(&self) -> Browser {
        self.browser.with_token("")
    }

    /// A browser with that token for a cookie.
    pub(crate) fn with_token(&self, token: &str) -> Browser {
        self.browser.with_token(token)
    }

    pub(crate) async fn session(&self, email: &str) -> String {
        let token = hostler::platform::random::token().unwrap();
        let now = self.browser.context.clock.now();
        let (user, _) = self.browser.context.store.find_user(email).await.unwrap().unwrap();
        let hash = hostler::identity::service::token_hash(&token);
        let full = hostler_store::sessions::State::Full;
        let store = &self.browser.context.store;
        store
            .open_session(&hash, (user, full), ("192.0.2.9", "test"), now, now + chrono::Duration::days(1))
            .await
            .unwrap();
        token
    }

    /// What the customer of that number has.
    pub(crate) async fn things(&self, number: u8) -> Things {
        let name = format!("k{number}-geheim.example");
        let (customer, zone): (Uuid, Uuid) = sqlx::query_as(
            "select d.customer_id, z.id from zones z join domains d on d.id = z.domain_id where z.name = $1",
        )
        .bind(&name)
        .fetch_one(&self.pool)
        .await
        .unwrap();
        let (record, entry, login, session, token): (i64, i64, Uuid, Uuid, Uuid) = sqlx::query_as(
            "select (select max(id) from records where zone_id = $1), (select max(id) from audit where customer_id = $2 and entity not in ('mailbox', 'alias', 'homepage') and action <> 'write-letter'),
                 u.id, coalesce((select min(id::text)::uuid from sessions where user_id = u.id), gen_random_uuid()),
                 (select id from api_tokens where user_id = u.id)
             from users u where u.email = $3",
        )
        .bind(zone)
        .bind(customer)
        .bind(format!("owner{number}@k{number}.example"))
        .fetch_one(&self.pool)
        .await
        .unwrap();
        let revisions = sqlx::query_as(
            "select (select revision from customers where id = $1), (select revision from zones where id = $2),
                 (select revision from users where id = $3)",
        )
        .bind(customer)
        .bind(zone)
        .bind(login)
        .fetch_one(&self.pool)
        .await
        .unwrap();
        // Whoever may takes it a step further: each time there is another one.
        let keys = sqlx::query_as(
            "with gone as (delete from dkim_keys where domain_id = (select id from domains where name = $1))
             , made as (insert into dkim_keys (id, domain_id, selector, algorithm, public_key, private_key, created_at, signing_at)
                 select i, d.id, 'geheim-' || i, 'ed25519', 'geheimer-schluessel', 'geheim', now(), at
                 from domains d, (values (gen_random_uuid(), null), (gen_random_uuid(), now())) k (i, at)
                 where d.name = $1 returning id, signing_at)
             select w.id, s.id from made w, made s where w.signing_at is null and s.signing_at is not null",
        )
        .bind(&name)
        .fetch_one(&self.pool)
        .await
        .unwrap();
        let (mailbox, alias, app, homepage) = sqlx::query_as(
            "select m.id, (select id from aliases where address = 'info@' || $1),
                 (select min(id::text)::uuid from app_passwords where mailbox_id = m.id), (select id from homepages where name = 'www.' || $1)
             from mailboxes m where address = 'post@' || $1",
        )
        .bind(&name)
        .fetch_one(&self.pool)
        .await
        .unwrap();
        let mail_revisions = sqlx::query_as(
            "select (select revision from mailboxes where id = $1), (select revision from aliases where id = $2),
                 (select revision from homepages where id = $3)",
        )
        .bind(mailbox)
        .bind(alias)
        .bind(homepage)
        .fetch_one(&self.pool)
        .await
        .unwrap();
        Things {
            customer,
            zone,
            record,
            entry,
            login,
            session,
            token,
            mailbox,
            alias,
            homepage,
            app,
            keys,
            revisions,
            mail_revisions,
        }
    }

    /// Ids that nothing has.
    pub(crate) fn nothing() -> Things {
        let id = Uuid::from_u128(0x0193_e0a0_0000_7000_8000_0000_0000_0001);
        Things {
            customer: id,
            zone: id,
            record: i64::MAX,
            entry: i64::MAX,
            login: id,
            session: id,
            token: id,
            mailbox: id,
            alias: id,
            homepage: id,
            app: id,
            keys: (id, id),
            revisions: (1, 1, 1),
            mail_revisions: (1, 1, 1),
        }
    }

    pub(crate) async fn run_jobs(&self) {
        self.browser.run_jobs().await;
    }

    pub(crate) fn context(&self) -> &hostler::platform::context::Context {
        &self.browser.context
    }

    /// The number of records of a zone, seen by the machine.
    pub(crate) async fn records(&self, zone: Uuid) -> usize {
        let scope = Scope::for_machine("test");
        self.browser.context.store.view(&scope).await.unwrap().zone_records(zone).await.unwrap().len()
    }
}
