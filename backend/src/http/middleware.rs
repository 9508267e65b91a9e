//! Around every request: its number, its language, the origin check, the security headers, the log, error pages.

use super::{
    App,
    fault::{Kind, Mark},
    openapi::{FieldProblem, Problem},
    page::Page,
    visit::{LANGUAGE, STYLED, Visit, client, language},
};
use crate::platform::random;
use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header},
    middleware::Next,
    web,
};
use hostler_web::{i18n::Lang, pages::message::message};
use std::time::Instant;

/// The one middleware of the panel.
///
/// # Errors
/// Never: an error is an answer.
pub async fn around<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return Ok(request.into_response(HttpResponse::InternalServerError().finish()));
    };
    let Ok(nonce) = random::octets::<16>().map(|o| random::hex(&o)) else {
        return Ok(request.into_response(HttpResponse::InternalServerError().finish()));
    };
    let text = |name: header::HeaderName| request.headers().get(name).and_then(|v| v.to_str().ok());
    let path = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let visit = Visit {
        id: hostler_store::new_id(app.context.clock.now()).simple().to_string(),
        nonce,
        styled: request
            .cookie(STYLED)
            .is_some_and(|c| app.assets.links().css.contains(c.value()) && c.value().len() > 8),
        lang: language(request.cookie(LANGUAGE).as_ref(), text(header::ACCEPT_LANGUAGE)),
        path: path.chars().take(2000).collect(),
        address: client(
            request.peer_addr().map(|a| a.ip()),
            // Some proxies add a header of their own below the one that came in: all of them are one list.
            Some(
                &request
                    .headers()
                    .get_all("x-forwarded-for")
                    .filter_map(|v| v.to_str().ok())
                    .collect::<Vec<_>>()
                    .join(","),
            ),
            &app.context.settings.http.trusted_proxies,
        ),
    };
    let json = request.path().starts_with("/api/");
    let method = request.method().clone();
    request.extensions_mut().insert(visit.clone());
    let mut response = if foreign(&request, app.context.settings.http.public_url.as_deref()) {
        let mut refused = HttpResponse::Forbidden().finish();
        mark(&mut refused, Kind::Origin);
        request.into_response(refused)
    } else {
        // An error loses the request; its number, language and path are kept above.
        match next.call(request).await {
            Ok(response) => response.map_into_boxed_body(),
            Err(error) => {
                let answer = error.error_response();
                let (status, found) = (answer.status(), answer.extensions().get::<Mark>().cloned());
                let found = found.unwrap_or(Mark {
                    kind: Kind::of_status(status),
                    cause: error.to_string(),
                    fields: Vec::new(),
                });
                log(&visit, method.as_str(), "", status.as_u16(), started, &found.cause);
                app.metrics.count("", method.as_str(), status.as_u16(), started.elapsed().as_secs_f64());
                return Err(actix_web::error::InternalError::from_response(
                    "answered",
                    secured(answer_for(&app, &visit, &found, json), &visit),
                )
                .into());
            }
        }
    };
    let status = response.status();
    let found = response.response().extensions().get::<Mark>().cloned();
    let bare = status.is_client_error() || status.is_server_error();
    // What the framework says of a request that it could not read is plain text.
    let untyped = !response.headers().contains_key(header::CONTENT_TYPE) || response.response().error().is_some();
    let cause = found.as_ref().map(|m| m.cause.clone()).unwrap_or_default();
    if let Some(found) = found.or_else(|| {
        (bare && untyped).then(|| Mark { kind: Kind::of_status(status), cause: String::new(), fields: Vec::new() })
    }) {
        let mut answer = answer_for(&app, &visit, &found, json);
        if let Some(allow) = response.headers().get(header::ALLOW) {
            answer.headers_mut().insert(header::ALLOW, allow.clone());
        }
        response = response.into_response(answer);
    }
    let route = response.request().match_pattern().unwrap_or_default();
    log(&visit, method.as_str(), &route, response.status().as_u16(), started, &cause);
    app.metrics.count(&route, method.as_str(), response.status().as_u16(), started.elapsed().as_secs_f64());
    set_headers(response.headers_mut(), &visit);
    Ok(response)
}

fn mark(response: &mut HttpResponse, kind: Kind) {
    response.extensions_mut().insert(Mark { kind, cause: String::new(), fields: Vec::new() });
}

fn log(visit: &Visit, method: &str, route: &str, status: u16, started: Instant, cause: &str) {
    let ms = started.elapsed().as_micros() as f64 / 1000.0;
    if status >= 500 {
        tracing::error!(request = visit.id, method, route, status, ms, cause, "request failed");
    } else {
        tracing::info!(request = visit.id, method, route, status, ms, "request");
    }
}

/// Whether an unsafe request comes from another site. Browsers say so themselves: `Sec-Fetch-Site`, or at least
/// `Origin`. What sends neither is no browser and carries nobody's cookies.
fn foreign(request: &ServiceRequest, public_url: Option<&str>) -> bool {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let text = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let own = public_url.map(|url| url.trim_end_matches('/').to_owned());
            let host = text("host").unwrap_or_default();
            match own {
                Some(own) => origin != own,
                None => origin != format!("http://{host}") && origin != format!("https://{host}"),
            }
        }
        (None, None) => false,
    }
}

/// Title and text of a fault, for people.
fn told(lang: Lang, kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::NotFound => (lang.t("error-not-found"), lang.t("error-not-found-text")),
        Kind::Login | Kind::MailboxLogin | Kind::SecondFactor => (lang.t("error-login"), lang.t("error-login-text")),
        Kind::Forbidden => (lang.t("error-forbidden"), lang.t("error-forbidden-text")),
        Kind::ReadOnly => (lang.t("error-read-only"), lang.t("error-read-only-text")),
        Kind::Origin => (lang.t("error-origin"), lang.t("error-origin-text")),
        Kind::Stale => (lang.t("error-stale"), lang.t("error-stale-plain")),
        Kind::TooLarge => (lang.t("error-too-large"), lang.t("error-too-large-text")),
        Kind::BadRequest => (lang.t("error-bad-request"), lang.t("error-bad-request-text")),
        Kind::Method => (lang.t("error-method"), lang.t("error-method-text")),
        Kind::Conflict => (lang.t("error-conflict"), lang.t("error-conflict-text")),
        Kind::Invalid => (lang.t("error-invalid"), lang.t("error-invalid-text")),
        Kind::Unconditional => (lang.t("error-unconditional"), lang.t("error-unconditional-text")),
        Kind::TooMany => (lang.t("error-too-many"), lang.t("error-too-many-text")),
        Kind::Internal => (lang.t("error-internal"), lang.t("error-internal-text")),
    }
}

fn problem(visit: &Visit, found: &Mark) -> HttpResponse {
    let kind = found.kind;
    let status = if matches!(kind, Kind::Login | Kind::MailboxLogin | Kind::SecondFactor) {
        StatusCode::UNAUTHORIZED
    } else {
        kind.status()
    };
    // Automation reads English; so do the fields' reasons.
    let (title, text) = told(Lang::En, kind);
    let body = Problem {
        kind: format!("/problems/{}", kind.code()),
        title: title.to_owned(),
        status: status.as_u16(),
        detail: text.to_owned(),
        request_id: visit.id.clone(),
        errors: found
            .fields
            .iter()
            .map(|(field, detail)| FieldProblem { field: field.clone(), detail: detail.clone() })
            .collect(),
    };
    let mut response = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    response
        .insert_header((header::CONTENT_TYPE, "application/problem+json"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(serde_json::to_string(&body).unwrap_or_default())
}

fn answer_for(app: &App, visit: &Visit, found: &Mark, json: bool) -> HttpResponse {
    let kind = found.kind;
    if json {
        return problem(visit, found);
    }
    if kind == Kind::Login {
        let next = hostler_web::ui::frame::encode(&visit.path);
        let to = if visit.path == "/" { "/login".to_owned() } else { format!("/login?next={next}") };
        return super::page::see_other(&to);
    }
    if kind == Kind::MailboxLogin {
        return super::page::see_other("/my/login");
    }
    if kind == Kind::SecondFactor {
        let next = hostler_web::ui::frame::encode(&visit.path);
        return super::page::see_other(&format!("/login/second?next={next}"));
    }
    let lang = visit.lang;
    let (title, text) = told(lang, kind);
    let number = (kind == Kind::Internal).then(|| visit.id.clone());
    let reasons = found.fields.iter().map(|(_, reason)| lang.reason(reason)).collect();
    Page::guest(app, visit, title)
        .status(kind.status())
        .body(|lang| message(lang, title.to_owned(), text.to_owned(), reasons, number))
}

fn secured(mut response: HttpResponse, visit: &Visit) -> HttpResponse {
    set_headers(response.headers_mut(), visit);
    response
}

fn set_headers(headers: &mut header::HeaderMap, visit: &Visit) {
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{}'; img-src 'self' data:; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        visit.nonce, visit.nonce
    );
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = header::HeaderValue::from_str(value) {
            headers.insert(header::HeaderName::from_static(name), value);
        }
    };
    set("content-security-policy", &policy);
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "same-origin");
    set("cross-origin-opener-policy", "same-origin");
    set("x-request-id", &visit.id);
}
