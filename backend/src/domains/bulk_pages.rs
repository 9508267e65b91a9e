//! The pages of a change over many zones: what, preview, and what became of each.

use super::{
    bulk::{self, Operation, Outcome},
    bulk_api::too_many,
};
use crate::http::{
    App,
    fault::Fault,
    list::ListQuery,
    page::{Page, see_other},
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_store::domains::{DomainFilter, ZoneState};
use hostler_web::{
    pages::bulk::{self as view, BulkForm, OutcomeLine, PreviewLine},
    ui::{form::FieldErrors, frame::Area},
};

/// The domains that a query leaves, as the list of domains reads it.
fn filter(query: &ListQuery) -> DomainFilter {
    DomainFilter {
        q: query.whole("q").to_owned(),
        customer: query.id("customer"),
        reseller: query.some("reseller"),
        zone: ZoneState::parse(query.get("zone")),
        picked: query.picked(),
    }
}

const FILTERS: [&str; 4] = ["q", "customer", "reseller", "zone"];

fn typed(query: &ListQuery) -> BulkForm {
    let text = |name: &str| query.whole(name).to_owned();
    BulkForm {
        operation: if query.get("do").is_empty() { "replace_address".to_owned() } else { text("do") },
        from: text("from"),
        to: text("to"),
        rtype: text("rtype"),
        ttl: text("ttl"),
        owner: text("owner"),
        data: text("data"),
        publish: query.get("publish") == "1",
        filters: FILTERS
            .iter()
            .map(|name| (*name, text(name)))
            .chain([("pick", query.carried_pick())])
            .filter(|(_, v)| !v.is_empty())
            .collect(),
    }
}

fn operation(form: &BulkForm) -> Operation {
    match form.operation.as_str() {
        "set_ttl" => Operation::SetTtl { rtype: form.rtype.clone(), ttl: form.ttl.clone() },
        "add_record" => Operation::AddRecord {
            owner: form.owner.clone(),
            ttl: form.ttl.clone(),
            rtype: form.rtype.clone(),
            data: form.data.clone(),
        },
        _ => Operation::ReplaceAddress { from: form.from.clone(), to: form.to.clone() },
    }
}

/// `GET /zones/bulk`: what to do; with `preview=1` what would happen. Nothing is changed by looking.
///
/// # Errors
/// When the database fails.
pub(super) async fn form(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let query = ListQuery::parse(request.query_string());
    let form = typed(&query);
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let (mut errors, mut preview) = (FieldErrors::new(), None);
    let filter = filter(&query);
    let zones = bulk::selected(&mut view_of, &filter).await?;
    if zones.is_none() {
        errors.insert("", lang.f("bulk-too-many", &[("most", &bulk::MOST)]));
    } else if filter.picked.as_ref().is_some_and(Vec::is_empty) {
        errors.insert("", lang.t("bulk-none-chosen").to_owned());
    }
    if let Some(zones) = zones.as_deref().filter(|_| query.get("preview") == "1") {
        match operation(&form).check() {
            Err((name, reason)) => {
                errors.insert(name, lang.reason(&reason));
            }
            Ok(()) => {
                let (rows, untouched) = bulk::preview(&mut view_of, zones, &operation(&form)).await?;
                let lines = rows
                    .into_iter()
                    .map(|row| PreviewLine {
                        href: format!("/zones/{}", row.id),
                        name: row.name,
                        origin: row.origin,
                        changes: row.changes,
                        refused: row.refused.map(|r| lang.reason(&r)),
                    })
                    .collect();
                preview = Some((lines, untouched));
            }
        }
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let crumbs = vec![("/domains".to_owned(), lang.t("nav-domains").to_owned())];
    let page = Page::of(&app, &mut view_of, &actor, Area::Domains, lang.t("bulk")).await?.crumbs(crumbs).status(status);
    Ok(page.body(|lang| view::bulk(lang, &form, zones.map(|z| z.len()), preview, &errors)))
}

/// `POST /zones/bulk`: does what was looked at, to the zones that match now and would change.
///
/// # Errors
/// 422 if it cannot be done.
pub(super) async fn submit(
    app: web::Data<App>,
    actor: Actor,
    fields: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let query = ListQuery::parse(&serde_urlencoded::to_string(&*fields).unwrap_or_default());
    let form = typed(&query);
    let operation = operation(&form);
    operation.check().map_err(|(name, reason)| Fault::field(name, reason))?;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let zones = bulk::selected(&mut view_of, &filter(&query)).await?.ok_or_else(too_many)?;
    let (rows, _) = bulk::preview(&mut view_of, &zones, &operation).await?;
    drop(view_of);
    let zones = rows.into_iter().filter(|row| row.refused.is_none()).map(|row| row.id).collect();
    let job = bulk::begin(&app.context, &actor.scope, operation, zones, form.publish).await?;
    Ok(see_other(&format!("/jobs/{job}")))
}

/// `GET /jobs/{id}`: how far a job is, and what became of each zone.
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn job(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let id = path::parse(&id)?;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let job = view_of.job(id).await?;
    let result = view_of.job_result(id).await?;
    let outcomes: Vec<Outcome> = result.and_then(|r| serde_json::from_value(r).ok()).unwrap_or_default();
    // One entry stands for the whole: what belongs together is taken back together.
    let undo = outcomes.iter().find_map(|o| o.audit_entry);
    let undone = match undo {
        Some(entry) => view_of.audit_entry(entry).await?.undone,
        None => false,
    };
    let lines = outcomes
        .into_iter()
        .map(|o| OutcomeLine {
            href: format!("/zones/{}", o.zone),
            name: o.name,
            outcome: o.outcome,
            reason: o.reason.map(|r| lang.reason(&r)),
        })
        .collect();
    let title = lang.find(&format!("job-{}", job.kind)).unwrap_or("?").to_owned();
    let running = matches!(job.state.as_str(), "waiting" | "running");
    let mut page = Page::of(&app, &mut view_of, &actor, Area::Domains, &title).await?.flash(&request);
    if running {
        page = page.refresh(1);
    }
    let progress = (job.progress_done, job.progress_total);
    Ok(page.body(|lang| {
        view::job(
            lang,
            title.clone(),
            &job.state,
            progress,
            job.error.map(|e| lang.reason(&e)),
            lines,
            undo.filter(|_| !undone),
        )
    }))
}
