//! The owner of a mailbox: logs in with its address and password, and has that mailbox and nothing else.

use super::old_hash;
use crate::{
    http::{
        App,
        fault::{Fault, Kind},
        visit::Visit,
    },
    identity::{
        hashing::{Checked, Hasher},
        service::{new_token, throttle, token_hash},
    },
};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use chrono::Duration;
use hostler_core::{mail::Secret, names::EmailAddress};
use hostler_store::{Scope, StoreError, mailbox_owner::MailboxSession};
use std::{future::Future, pin::Pin};

/// Name of the session's cookie: another one than that of people with a login, who may own a mailbox as well.
pub(super) const COOKIE: &str = "__Host-mailbox";

/// Somebody who is logged in to a mailbox. A handler that has one in its signature is open to nobody else.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    /// That mailbox.
    pub(super) scope: Scope,
    /// The request.
    pub(super) visit: Visit,
    /// The session.
    pub(super) session: MailboxSession,
    /// What is kept of its token.
    pub(super) token_hash: Vec<u8>,
}

impl FromRequest for Owner {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Fault>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let visit = Visit::from_request(request, payload);
        let app = request.app_data::<web::Data<App>>().cloned();
        let cookie = request.cookie(COOKIE).map(|c| c.value().to_owned());
        Box::pin(async move {
            let visit = visit.await?;
            let app = app.ok_or_else(|| Fault::internal("no application data"))?;
            let token_hash = token_hash(&cookie.ok_or(Kind::MailboxLogin)?);
            let idle = Duration::minutes(i64::from(app.context.settings.session.idle_minutes));
            let found = app.context.store.mailbox_session(&token_hash, app.context.clock.now(), idle).await?;
            let session = found.ok_or(Kind::MailboxLogin)?;
            let scope = Scope::for_mailbox(&session, &visit.id, &visit.address);
            Ok(Self { scope, visit, session, token_hash })
        })
    }
}

/// What became of a try to log in.
pub(super) enum Outcome {
    /// The token for the cookie.
    Welcome(String),
    /// Another password, or no such mailbox.
    Wrong,
    /// Too many tries: so many seconds.
    Wait(i64),
}

/// Checks the password of a mailbox, whatever its hash is, in as much time where there is none.
pub(super) async fn verify(hasher: &Hasher, password: &str, stored: Option<String>) -> Checked {
    match stored.map(|hash| Secret::parse(&hash)) {
        Some(Ok(secret)) if !matches!(secret.scheme().as_str(), "ARGON2ID" | "ARGON2I") => {
            let tried = password.to_owned();
            let old = hasher.work(move || old_hash::fits(&tried, &secret)).await;
            // The decoy's time is spent as well: an old hash is quickly checked, and that would tell that there is one.
            match (old, hasher.verify(password, None).await) {
                (None, _) | (_, Checked::Busy) => Checked::Busy,
                (Some(true), _) => Checked::Fits { renewed: None },
                (Some(false), _) => Checked::Wrong,
            }
        }
        Some(Ok(secret)) => {
            let hash = secret.expose().split_once('}').map(|(_, hash)| hash.to_owned());
            hasher.verify(password, hash).await
        }
        Some(Err(_)) | None => hasher.verify(password, None).await,
    }
}

/// Checks a password and opens a session.
///
/// # Errors
/// When the database fails.
pub(super) async fn log_in(
    app: &App,
    (address, password): (&str, &str),
    (from, agent): (&str, &str),
) -> Result<Outcome, StoreError> {
    let context = &app.context;
    let address = EmailAddress::parse(address.trim()).map(|e| e.to_string()).unwrap_or_default();
    let counted = match throttle(context, &format!("mailbox {address}"), from, None).await? {
        Ok(counted) => counted,
        Err(seconds) => return Ok(Outcome::Wait(seconds)),
    };
    let found = context.store.mailbox_credentials(&address).await?;
    let checked = verify(&app.hasher, password, found.as_ref().and_then(|f| f.hash.clone())).await;
    let mailbox = match (checked, found) {
        (Checked::Busy, _) => {
            counted.was_none(context).await?;
            return Ok(Outcome::Wait(5));
        }
        (Checked::Fits { .. }, Some(mailbox)) => mailbox,
        _ => return Ok(Outcome::Wrong),
    };
    counted.went_well(context).await?;
    let token = new_token("mailbox_sessions")?;
    let now = context.clock.now();
    let expires = now + Duration::days(i64::from(context.settings.session.max_days));
    context.store.open_mailbox_session(&token_hash(&token), &mailbox, (from, agent), now, expires).await?;
    Ok(Outcome::Welcome(token))
}
