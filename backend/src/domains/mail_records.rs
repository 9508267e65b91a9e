//! The records that the mail of a domain needs: as they are expected, as they stand in the zone, and as the domain name
//! system answers them now. What is missing is put into the zone on request; what a person wrote gives way only when ticked.

use super::{
    editor::Changes,
    pages::{head, load, page},
    service::{EditError, Loaded},
    zone_api, zone_editor,
};
use crate::{
    http::{App, api::json, body, fault::Fault, list::ListQuery, page::saved, path, visit::Actor},
    mail::render::host_name,
    platform::resolver::Asker,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_core::{
    dns::{Record, typed::RecordInput, writer},
    mail::records::{Hosts, Need, Standing, needed, standing},
    names::DomainName,
};
use hostler_web::{
    pages::mail_records::{self as view, Line, Seen},
    ui::form::FieldErrors,
};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Whether the domain name system is asked as well.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct MailQuery {
    /// Ask what is answered now.
    #[serde(default)]
    #[param(required = false)]
    dns: bool,
}

/// A record that the mail of a domain needs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MailRecordItem {
    /// `mx`, `spf`, `dmarc`, `tls-reports`, `service` or `set-up`.
    purpose: String,
    /// It, as a line of a zone file.
    expected: String,
    /// In the zone: `met`, `missing` or `differs`.
    zone: String,
    /// What is of its kind there.
    found: Vec<String>,
    /// What is answered: `met`, `missing` or `differs`; null if nobody was asked or answered.
    dns: Option<String>,
}

/// The records that the mail of a domain needs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MailRecordsBody {
    items: Vec<MailRecordItem>,
}

fn hosts(app: &App) -> Result<Hosts, Fault> {
    let settings = &app.context.settings;
    let name = host_name(&settings.mail);
    let mail = DomainName::parse(&name).map_err(|e| {
        Fault::field("mail.host_name", format!("the setting `{name}` is no full name of a server: {e}"))
    })?;
    let url = settings.http.public_url.as_deref().and_then(|u| url::Url::parse(u).ok());
    let panel = url.filter(|u| u.scheme() == "https").and_then(|u| DomainName::parse(u.host_str()?).ok());
    Ok(Hosts { mail, panel })
}

fn needs(app: &App, loaded: &Loaded) -> Result<Vec<Need>, Fault> {
    Ok(needed(&loaded.origin, &hosts(app)?, loaded.default_ttl()))
}

/// How each need stands in the answers; `None` where there was none.
async fn answered(app: &App, needs: &[Need]) -> Vec<Option<Standing>> {
    let Ok(asker) = Asker::new(&app.context.settings.dns) else { return vec![None; needs.len()] };
    let ask = |need: &Need| {
        let (asker, need) = (&asker, need.clone());
        async move {
            let found = asker.ask(&need.record.owner, need.record.rtype()).await.ok()?;
            Some(standing(&need, &found).0)
        }
    };
    futures_util::future::join_all(needs.iter().map(ask)).await
}

fn records(loaded: &Loaded) -> Vec<Record> {
    loaded.records.iter().map(|r| r.record.clone()).collect()
}

/// `GET /api/v1/zones/{id}/mail`
///
/// # Errors
/// 404 if there is no such zone for this visitor, 422 if the mail server has no full name.
pub(super) async fn api(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let (zone, query): (Uuid, MailQuery) = (path::parse(&zone)?, body::query(&request)?);
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let loaded = load(&app, &mut view_of, zone).await?;
    drop(view_of);
    let (needs, there) = (needs(&app, &loaded)?, records(&loaded));
    let dns = if query.dns { answered(&app, &needs).await } else { vec![None; needs.len()] };
    let item = |(need, dns): (&Need, Option<Standing>)| {
        let (zone, found) = standing(need, &there);
        MailRecordItem {
            purpose: need.purpose.as_str().to_owned(),
            expected: writer::line(&need.record),
            zone: zone.as_str().to_owned(),
            found: found.iter().filter_map(|i| there.get(*i)).map(writer::line).collect(),
            dns: dns.map(|s| s.as_str().to_owned()),
        }
    };
    Ok(json(&MailRecordsBody { items: needs.iter().zip(dns).map(item).collect() }))
}

async fn show(
    app: &App,
    actor: &Actor,
    zone: Uuid,
    ask: bool,
    (errors, status): (FieldErrors, StatusCode),
) -> Result<HttpResponse, Fault> {
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let loaded = load(app, &mut view_of, zone).await?;
    let frame = page(app, &mut view_of, actor, &loaded).await?.status(status);
    drop(view_of);
    // Without a full name of the mail server there is nothing to expect; the page says what is missing.
    let (needs, errors) = match needs(app, &loaded) {
        Ok(needs) => (needs, errors),
        Err(_) => {
            let name = host_name(&app.context.settings.mail);
            let text = actor.visit.lang.f("mail-records-host", &[("name", &name)]);
            (Vec::new(), FieldErrors::from([("", text)]))
        }
    };
    let there = records(&loaded);
    let dns = if ask { answered(app, &needs).await } else { vec![None; needs.len()] };
    let lines = needs
        .iter()
        .zip(dns)
        .map(|(need, dns)| {
            let (standing, found) = standing(need, &there);
            Line {
                purpose: need.purpose,
                key: need.key(),
                record: need.record.clone(),
                zone: standing,
                found: found.iter().filter_map(|i| there.get(*i)).cloned().collect(),
                dns: match (ask, dns) {
                    (false, _) => Seen::NotAsked,
                    (true, None) => Seen::NoAnswer,
                    (true, Some(standing)) => Seen::Answer(standing),
                },
            }
        })
        .collect();
    let head = head(&loaded, actor);
    Ok(frame.body(|lang| view::records(lang, &head, lines, &errors)))
}

/// `GET /zones/{id}/mail`
///
/// # Errors
/// 404 if there is no such zone for this visitor.
pub(super) async fn form(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let ask = ListQuery::parse(request.query_string()).get("dns") == "true";
    show(&app, &actor, path::parse(&zone)?, ask, (FieldErrors::new(), StatusCode::OK)).await
}

/// `POST /zones/{id}/mail`: the ticked ones, into the zone; publishing is the next step.
///
/// # Errors
/// 404 if there is no such zone for this visitor.
pub(super) async fn submit(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    fields: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (zone, lang): (Uuid, _) = (path::parse(&zone)?, actor.visit.lang);
    let all = |name: &str| fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect::<Vec<_>>();
    let ticked: HashSet<&str> = all("take").into_iter().collect();
    let revision: i32 = all("revision").first().and_then(|v| v.parse().ok()).unwrap_or(0);
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let loaded = load(&app, &mut view_of, zone).await?;
    drop(view_of);
    zone_api::fresh(revision, &loaded)?;
    let there = records(&loaded);
    let mut changes = Changes::default();
    for need in needs(&app, &loaded)?.into_iter().filter(|n| ticked.contains(n.key().as_str())) {
        let (now, found) = standing(&need, &there);
        if now == Standing::Met {
            continue;
        }
        changes.remove.extend(found.iter().filter_map(|i| loaded.records.get(*i)).map(|r| r.id));
        let record = &need.record;
        let input = RecordInput {
            owner: record.owner.to_string(),
            ttl: record.ttl.to_string(),
            rtype: record.rtype().to_string(),
            data: record.data.to_string(),
        };
        changes.put.push((None, input));
    }
    let told = |reasons: Vec<String>| {
        let (app, actor) = (&app, &actor);
        async move {
            let reasons: Vec<String> = reasons.iter().map(|r| lang.reason(r)).collect();
            let errors = FieldErrors::from([("", reasons.join("\n"))]);
            show(app, actor, zone, false, (errors, StatusCode::UNPROCESSABLE_ENTITY)).await
        }
    };
    if changes.put.is_empty() {
        return told(vec![lang.t("mail-records-none").to_owned()]).await;
    }
    match zone_editor(&app, &actor).put_changes(zone, revision, &changes, None, false).await {
        Ok(entry) => Ok(saved(&format!("/zones/{zone}/publish"), lang.t("record-noted"), entry)),
        Err(EditError::Changes(wrong)) => told(wrong.into_iter().flat_map(|(_, w)| w.into_values()).collect()).await,
        Err(EditError::Fields(wrong)) => told(wrong.into_values().collect()).await,
        Err(error) => Err(zone_api::fault(error)),
    }
}
