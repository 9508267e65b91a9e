//! The records that the mail of a domain needs: as they are expected, as they stand in the zone, and as the domain name
//! system answers them now. What is missing is put into the zone on request; what a person wrote gives way only when ticked.

use super::{
    editor::Changes,
    pages::{head, load, page},
    service::{EditError, Loaded},
    signing, spam, zone_api, zone_editor,
};
use crate::{
    http::{App, api::json, body, fault::Fault, list::ListQuery, page::saved, path, visit::Actor},
    mail::hosts::{Names, names},
    platform::{random::hex, resolver::Asker},
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_core::{
    dns::{Record, typed::RecordInput, writer},
    mail::records::{self, Hosts, Need, Standing, Strictness, needed, standing},
    names::DomainName,
};
use hostler_store::{View, dkim::KeyRow};
use hostler_web::{
    pages::{
        mail_keys::KeyLine,
        mail_records::{self as view, Line, Seen},
        mail_spam::SpamForm,
    },
    time::date_time,
    ui::form::FieldErrors,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
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
    /// `mx`, `spf`, `dkim`, `dmarc`, `tls-reports`, `mta-sts`, `service` or `set-up`.
    purpose: String,
    /// It, as a line of a zone file, or several lines.
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

fn hosts(app: &App, names: &Names) -> Result<Hosts, Fault> {
    let settings = &app.context.settings;
    let bad = |reason: String| Fault::field("mail.host_name", format!("no full name of a mail server: {reason}"));
    let name = |text: &str| DomainName::parse(text).map_err(|e| bad(format!("`{text}`: {e}")));
    let (mx, senders) = (names.exchanges().map_err(bad)?, names.other_senders().map_err(bad)?);
    let url = settings.http.public_url.as_deref().and_then(|u| url::Url::parse(u).ok());
    let panel = url.filter(|u| u.scheme() == "https").and_then(|u| DomainName::parse(u.host_str()?).ok());
    // What the policy is called changes with it: others fetch it anew then.
    let strictness = settings.mail.mta_sts;
    let policy = (strictness != Strictness::None).then(|| {
        let text = records::policy(strictness, &mx);
        hex(&Sha256::digest(text.as_bytes()).as_slice()[..10])
    });
    Ok(Hosts { mx, senders, reader: name(&names.reader)?, sender: name(&names.sender)?, panel, policy })
}

fn needs(app: &App, loaded: &Loaded, (keys, names): (&[KeyRow], &Names)) -> Result<Vec<Need>, Fault> {
    let public = keys.iter().filter(|k| k.state().needs_record()).map(KeyRow::public).collect::<Result<Vec<_>, _>>()?;
    Ok(needed(&loaded.origin, &hosts(app, names)?, &public, loaded.default_ttl()))
}

/// A zone with the keys of its domain and the names of the mail servers.
async fn with_keys(app: &App, view: &mut View, zone: Uuid) -> Result<(Loaded, Vec<KeyRow>, Names), Fault> {
    let names = names(view, &app.context.settings.mail).await?;
    Ok((load(app, view, zone).await?, signing::keys(view, zone).await?, names))
}

/// How each need stands in the answers; `None` where there was none.
async fn answered(app: &App, needs: &[Need]) -> Vec<Option<Standing>> {
    let Ok(asker) = Asker::new(&app.context.settings.dns) else { return vec![None; needs.len()] };
    let asker = &asker;
    futures_util::future::join_all(needs.iter().map(|need| async move { asker.standing(need).await.ok() })).await
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
    let (loaded, keys, names) = with_keys(&app, &mut view_of, zone).await?;
    drop(view_of);
    let (needs, there) = (needs(&app, &loaded, (&keys, &names))?, records(&loaded));
    let dns = if query.dns { answered(&app, &needs).await } else { vec![None; needs.len()] };
    let item = |(need, dns): (&Need, Option<Standing>)| {
        let (zone, found) = standing(need, &there);
        MailRecordItem {
            purpose: need.purpose.as_str().to_owned(),
            expected: need.records().map(writer::line).collect::<Vec<_>>().join("\n"),
            zone: zone.as_str().to_owned(),
            found: found.iter().filter_map(|i| there.get(*i)).map(writer::line).collect(),
            dns: dns.map(|s| s.as_str().to_owned()),
        }
    };
    Ok(json(&MailRecordsBody { items: needs.iter().zip(dns).map(item).collect() }))
}

fn key_line(app: &App, actor: &Actor, key: KeyRow) -> KeyLine {
    let since = key.retired_at.or(key.retiring_at).or(key.signing_at).or(key.seen_at).unwrap_or(key.created_at);
    KeyLine {
        id: key.id.to_string(),
        state: key.state(),
        since: date_time(since, app.context.settings.time_zone.0, actor.visit.lang),
        seen: key.seen_at.is_some(),
        selector: key.selector,
        algorithm: key.algorithm,
    }
}

/// The page once more, with what is wrong.
pub(super) async fn refused(
    app: &App,
    actor: &Actor,
    zone: Uuid,
    reasons: impl IntoIterator<Item = String>,
) -> Result<HttpResponse, Fault> {
    let told: Vec<String> = reasons.into_iter().map(|r| actor.visit.lang.reason(&r)).collect();
    let errors = FieldErrors::from([("", told.join("\n"))]);
    show(app, actor, zone, None, (errors, StatusCode::UNPROCESSABLE_ENTITY)).await
}

/// The page; with the request of whoever looks, also the note of what was done before, and the DNS if it asks for it.
async fn show(
    app: &App,
    actor: &Actor,
    zone: Uuid,
    request: Option<&HttpRequest>,
    (errors, status): (FieldErrors, StatusCode),
) -> Result<HttpResponse, Fault> {
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let (loaded, keys, names) = with_keys(app, &mut view_of, zone).await?;
    let mut frame = page(app, &mut view_of, actor, &loaded).await?.status(status);
    if let Some(request) = request {
        frame = frame.flash(request);
    }
    let spam = spam::of_zone(&mut view_of, zone).await?;
    let ask = request.is_some_and(|r| ListQuery::parse(r.query_string()).get("dns") == "true");
    drop(view_of);
    // Without a full name of the mail server there is nothing to expect; the page says what is missing.
    let (needs, errors) = match needs(app, &loaded, (&keys, &names)) {
        Ok(needs) => (needs, errors),
        Err(_) => {
            let text = actor.visit.lang.f("mail-records-host", &[("name", &names.mx.join(", "))]);
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
                also: need.also.clone(),
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
    let keys: Vec<KeyLine> = keys.into_iter().map(|k| key_line(app, actor, k)).collect();
    let signing = app.context.settings.mail.rspamd;
    let points = |set: Option<i16>| set.map(|n| n.to_string()).unwrap_or_default();
    let spam = SpamForm { mark_at: points(spam.mark_at), refuse_at: points(spam.refuse_at) };
    Ok(frame.body(|lang| view::records(lang, &head, (lines, keys, spam), signing, &errors)))
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
    show(&app, &actor, path::parse(&zone)?, Some(&request), (FieldErrors::new(), StatusCode::OK)).await
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
    let (loaded, keys, names) = with_keys(&app, &mut view_of, zone).await?;
    drop(view_of);
    zone_api::fresh(revision, &loaded)?;
    let there = records(&loaded);
    let mut changes = Changes::default();
    for need in needs(&app, &loaded, (&keys, &names))?.into_iter().filter(|n| ticked.contains(n.key().as_str())) {
        let (now, found) = standing(&need, &there);
        if now == Standing::Met {
            continue;
        }
        changes.remove.extend(found.iter().filter_map(|i| loaded.records.get(*i)).map(|r| r.id));
        let input = |record: &Record| RecordInput {
            owner: record.owner.to_string(),
            ttl: record.ttl.to_string(),
            rtype: record.rtype().to_string(),
            data: record.data.to_string(),
        };
        changes.put.extend(need.records().map(|record| (None, input(record))));
    }
    if changes.put.is_empty() {
        return refused(&app, &actor, zone, [lang.t("mail-records-none").to_owned()]).await;
    }
    match zone_editor(&app, &actor).put_changes(zone, revision, &changes, None, false).await {
        Ok(entry) => Ok(saved(&format!("/zones/{zone}/publish"), lang.t("record-noted"), entry)),
        Err(EditError::Changes(wrong)) => {
            refused(&app, &actor, zone, wrong.into_iter().flat_map(|(_, w)| w.into_values())).await
        }
        Err(EditError::Fields(wrong)) => refused(&app, &actor, zone, wrong.into_values()).await,
        Err(error) => Err(zone_api::fault(error)),
    }
}
