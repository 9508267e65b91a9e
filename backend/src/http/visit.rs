//! Who asks, in which language, from where, and under which number.

use super::{
    App,
    fault::{Fault, Kind},
    routes::Access,
};
use crate::platform::settings::Settings;
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    http::header,
    web,
};
use hostler_core::access::{Action, Role, Side};
use hostler_store::{
    Scope,
    sessions::{Acting, Session, State},
    tokens::TokenLogin,
    users::Login,
};
use hostler_web::i18n::Lang;
use ipnet::IpNet;
use std::{
    future::{Future, Ready, ready},
    net::IpAddr,
    pin::Pin,
};

/// Name of the session's cookie.
pub const SESSION: &str = "__Host-session";
/// Name of the cookie that says which style sheet the browser has.
pub const STYLED: &str = "css";
/// Name of the cookie that keeps the language.
pub const LANGUAGE: &str = "lang";

/// The cookie of a session: of a person's, or of a mailbox's owner.
#[must_use]
pub fn session_cookie(name: &'static str, token: &str, settings: &Settings) -> Cookie<'static> {
    Cookie::build(name, token.to_owned())
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::days(i64::from(settings.session.max_days)))
        .finish()
}

/// The same, to be forgotten.
#[must_use]
pub fn ended_cookie(name: &'static str) -> Cookie<'static> {
    let mut gone = Cookie::build(name, "").path("/").secure(true).http_only(true).finish();
    gone.make_removal();
    gone
}

/// One request.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Its number: in the log, on error pages, in the audit log.
    pub id: String,
    /// Nonce of the content security policy.
    pub nonce: String,
    /// Language of the answer.
    pub lang: Lang,
    /// Path and query.
    pub path: String,
    /// Where it comes from.
    pub address: String,
    /// Whether the browser has the style sheet: before the first page it has not, and that page brings it along.
    pub styled: bool,
}

/// The language that a request asks for: by its cookie, or by its browser.
#[must_use]
pub fn language(cookie: Option<&Cookie<'_>>, accept: Option<&str>) -> Lang {
    cookie.and_then(|c| Lang::parse(c.value())).unwrap_or_else(|| Lang::accepted(accept.unwrap_or_default()))
}

/// Where a request comes from: the other end of the connection, or, where that is a proxy of ours, the last address
/// in `X-Forwarded-For` that is not. What anybody else writes there counts for nothing.
#[must_use]
pub fn client(peer: Option<IpAddr>, forwarded: Option<&str>, proxies: &[IpNet]) -> String {
    let trusted = |address: &IpAddr| proxies.iter().any(|net| net.contains(&address.to_canonical()));
    let Some(peer) = peer.map(|p| p.to_canonical()) else { return "unknown".to_owned() };
    if !trusted(&peer) {
        return peer.to_string();
    }
    let mut last = peer;
    for part in forwarded.unwrap_or_default().rsplit(',') {
        // A proxy writes addresses; where something else stands, what is left of it may be anybody's.
        let Ok(address) = part.trim().parse::<IpAddr>() else { break };
        last = address.to_canonical();
        if !trusted(&last) {
            break;
        }
    }
    last.to_string()
}

impl FromRequest for Visit {
    type Error = Fault;
    type Future = Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().cloned();
        ready(found.ok_or_else(|| Fault::internal("the request passed no middleware")))
    }
}

#[derive(Debug, Clone)]
enum Proof {
    Session(Session),
    Token(TokenLogin),
}

/// What a request proves itself with. An answer that goes on for long asks again with it.
#[derive(Clone)]
pub struct Credentials {
    cookie: Option<String>,
    bearer: Option<String>,
}

impl Credentials {
    /// Those of a request: the cookie, and below `/api/` a token.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let bearer = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        let bearer = bearer.and_then(|v| v.strip_prefix("Bearer ")).map(|v| v.trim().to_owned());
        Self {
            cookie: request.cookie(SESSION).map(|c| c.value().to_owned()),
            bearer: bearer.filter(|_| request.path().starts_with("/api/")),
        }
    }

    /// Who it is, if they may use what that access is for.
    ///
    /// # Errors
    /// `Login`, `SecondFactor`, and what [`Actor::must`] says.
    pub async fn prove(&self, app: &App, visit: Visit, access: Access) -> Result<Actor, Fault> {
        let actor = if let Some(token) = &self.bearer {
            let token =
                crate::identity::tokens::check(&app.context, token, &visit.address).await?.ok_or(Kind::Login)?;
            let scope = Scope::for_token(&token, &visit.id, &visit.address);
            Actor { scope, visit, proof: Proof::Token(token) }
        } else {
            let token = self.cookie.as_ref().ok_or(Kind::Login)?;
            let session = crate::identity::service::session(&app.context, token).await?.ok_or(Kind::Login)?;
            if session.state() != State::Full && access != Access::Session {
                return Err(Kind::SecondFactor.into());
            }
            let scope = Scope::for_session(&session, &visit.id, &visit.address);
            Actor { scope, visit, proof: Proof::Session(session) }
        };
        if let Access::May(action) = access {
            actor.must(action)?;
        }
        Ok(actor)
    }
}

/// Somebody who is logged in and may use this route. A handler that has one in its signature is open to nobody else.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Which rows there are.
    pub scope: Scope,
    /// The request.
    pub visit: Visit,
    proof: Proof,
}

impl Actor {
    /// Who it is.
    #[must_use]
    pub fn login(&self) -> &Login {
        match &self.proof {
            Proof::Session(session) => session.login(),
            Proof::Token(token) => token.login(),
        }
    }

    /// In one's own name, also where the session looks with a customer's eyes: for one's own account.
    #[must_use]
    pub fn own(&self) -> Scope {
        Scope::for_person(Some(self.login().id), &self.login().email, &self.visit.id, &self.visit.address)
    }

    /// The role in which it acts: that of the customer's owner while it looks with a customer's eyes.
    #[must_use]
    pub fn role(&self) -> Role {
        if self.acting().is_some() { Role::Owner } else { self.login().role }
    }

    /// On which side of the counter it acts.
    #[must_use]
    pub fn side(&self) -> Side {
        self.role().side()
    }

    /// With whose eyes it looks.
    #[must_use]
    pub fn acting(&self) -> Option<&Acting> {
        match &self.proof {
            Proof::Session(session) => session.acting(),
            Proof::Token(_) => None,
        }
    }

    /// The customer whose people these are, if they are a customer's.
    #[must_use]
    pub fn customer(&self) -> Option<uuid::Uuid> {
        self.acting().map(|a| a.customer_id).or(self.login().customer_id)
    }

    /// Whether it has an action.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        match &self.proof {
            // One's own account is not the customer's: it waits until the view is over.
            Proof::Session(session) if session.acting().is_some() && action == Action::OwnAccount => false,
            Proof::Session(session) => {
                self.role().may(action) && (action.is_read() || session.acting().is_none_or(|a| a.writes))
            }
            Proof::Token(token) => token.may(action),
        }
    }

    /// Goes on only with an action.
    ///
    /// # Errors
    /// 404 for what it may not even look at, 403 for what it may not change.
    pub fn must(&self, action: Action) -> Result<(), Fault> {
        if self.may(action) {
            return Ok(());
        }
        let looked_at =
            self.acting().is_some_and(|a| !a.writes || action == Action::OwnAccount) && self.role().may(action);
        Err(match action.is_read() {
            true => Kind::NotFound,
            false if looked_at => Kind::ReadOnly,
            false => Kind::Forbidden,
        }
        .into())
    }

    /// The session, where it is no token.
    ///
    /// # Errors
    /// 403 with a token: what is one's own account's is not for automation.
    pub fn session(&self) -> Result<&Session, Fault> {
        match &self.proof {
            Proof::Session(session) => Ok(session),
            Proof::Token(_) => Err(Kind::Forbidden.into()),
        }
    }
}

impl FromRequest for Actor {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Fault>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let visit = Visit::from_request(request, payload);
        let app = request.app_data::<web::Data<App>>().cloned();
        let credentials = Credentials::of(request);
        let (method, pattern) = (request.method().clone(), request.match_pattern().unwrap_or_default());
        Box::pin(async move {
            let visit = visit.await?;
            let app = app.ok_or_else(|| Fault::internal("no application data"))?;
            let access = app
                .table
                .access(&method, &pattern)
                .ok_or_else(|| Fault::internal(format!("{method} {pattern} is in no table")))?;
            credentials.prove(&app, visit, access).await
        })
    }
}

/// The browser's name for itself.
#[must_use]
pub fn agent(request: &HttpRequest) -> String {
    request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proxies_of_ours_say_where_a_request_comes_from() {
        let proxies: Vec<IpNet> = vec!["127.0.0.0/8".parse().unwrap(), "10.1.0.0/16".parse().unwrap()];
        let from = |peer: &str, forwarded: &str| client(peer.parse().ok(), Some(forwarded), &proxies);
        assert_eq!(from("198.51.100.1", "192.0.2.1"), "198.51.100.1", "anybody can write the header");
        assert_eq!(from("127.0.0.1", "192.0.2.1"), "192.0.2.1");
        assert_eq!(from("::ffff:127.0.0.1", "192.0.2.1"), "192.0.2.1");
        assert_eq!(from("127.0.0.1", "203.0.113.9, 192.0.2.1, 10.1.2.3"), "192.0.2.1", "the last that is not ours");
        assert_eq!(from("127.0.0.1", "192.0.2.1, nonsense, 10.1.2.3"), "10.1.2.3");
        assert_eq!(from("127.0.0.1", ""), "127.0.0.1");
        assert_eq!(client(None, Some("192.0.2.1"), &proxies), "unknown");
    }
}
