//! The policy on encrypted delivery to a domain, as other mail servers fetch it (MTA-STS, RFC 8461).

use super::{
    device::{asked_as, must_be_here},
    hosts,
};
use crate::http::{
    App,
    fault::{Fault, Kind},
};
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use hostler_core::{mail::records, names::DomainName};
use hostler_store::Scope;

/// `GET /.well-known/mta-sts.txt` at `mta-sts.DOMAIN`.
///
/// # Errors
/// 404 if no mail of that domain is here.
pub(super) async fn policy(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let host = asked_as(&request);
    let domain = host.strip_prefix("mta-sts.").and_then(|d| DomainName::parse(d).ok()).ok_or(Kind::NotFound)?;
    let settings = &app.context.settings.mail;
    must_be_here(&app, &domain).await?;
    let mut view = app.context.store.view(&Scope::for_machine("mta-sts")).await?;
    let names = hosts::names(&mut view, settings).await?;
    let text = records::policy(settings.mta_sts, &names.exchanges().map_err(|_| Kind::NotFound)?);
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8")).body(text))
}
