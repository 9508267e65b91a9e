//! Who asks, in which language, and under which number.

use super::{
    App,
    fault::{Fault, Kind},
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, cookie::Cookie, dev::Payload, http::header, web};
use hostler_core::access::Action;
use hostler_store::{Scope, users::Login};
use hostler_web::i18n::Lang;
use std::{
    future::Future,
    future::{Ready, ready},
    pin::Pin,
};

/// Name of the session's cookie.
pub const SESSION: &str = "__Host-session";
/// Name of the cookie that keeps the language.
pub const LANGUAGE: &str = "lang";

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
}

/// The language that a request asks for: by its cookie, or by its browser.
#[must_use]
pub fn language(cookie: Option<&Cookie<'_>>, accept: Option<&str>) -> Lang {
    cookie.and_then(|c| Lang::parse(c.value())).unwrap_or_else(|| Lang::accepted(accept.unwrap_or_default()))
}

impl FromRequest for Visit {
    type Error = Fault;
    type Future = Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().cloned();
        ready(found.ok_or_else(|| Fault::internal("the request passed no middleware")))
    }
}

/// A logged-in member of the staff. A handler that has one in its signature is open to nobody else.
#[derive(Debug, Clone)]
pub struct Staff {
    /// Who.
    pub login: Login,
    /// What they may see.
    pub scope: Scope,
    /// The request.
    pub visit: Visit,
}

impl Staff {
    /// Goes on only if the role has the action.
    ///
    /// # Errors
    /// 403 if it has not.
    pub fn may(&self, action: Action) -> Result<(), Fault> {
        if self.login.role.may(action) { Ok(()) } else { Err(Kind::Forbidden.into()) }
    }
}

impl FromRequest for Staff {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Fault>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let visit = Visit::from_request(request, payload);
        let app = request.app_data::<web::Data<App>>().cloned();
        let cookie = request.cookie(SESSION).map(|c| c.value().to_owned());
        Box::pin(async move {
            let visit = visit.await?;
            let app = app.ok_or_else(|| Fault::internal("no application data"))?;
            let token = cookie.ok_or(Kind::Login)?;
            let login = crate::identity::service::session(&app.context, &token).await?.ok_or(Kind::Login)?;
            let scope = Scope::for_staff(&login, &visit.id);
            Ok(Self { login, scope, visit })
        })
    }
}

/// The address of the other end of the connection. Forwarded headers count for nothing yet: anybody can send them.
#[must_use]
pub fn peer(request: &HttpRequest) -> String {
    request.peer_addr().map_or_else(|| "unknown".to_owned(), |a| a.ip().to_string())
}

/// The browser's name for itself.
#[must_use]
pub fn agent(request: &HttpRequest) -> String {
    request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
}
