//! Upload, plan and reconciliation.

use super::{api, plan::Plan, uploads};
use crate::http::{
    App,
    fault::{Fault, Kind},
    list::ListQuery,
    openapi::Doc,
    page::{Page, done},
    path,
    routes::{Access, Routes},
    visit::Actor,
};
use actix_multipart::Multipart;
use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
    web,
};
use futures_util::TryStreamExt;
use hostler_core::{access::Action, reconcile::Kind as ProblemKind};
use hostler_store::imports::ImportRow;
use hostler_web::{
    i18n::Lang,
    pages::imports::{self as view, ImportLine, ImportView, ProblemLine, RefusalLine},
    time::{date_time, size},
    ui::{form::FieldErrors, frame::Area},
};

/// The routes of this feature.
pub fn routes(routes: &mut Routes) {
    let (read, run) = (Access::May(Action::ReadPapers), Access::May(Action::ImportPapers));
    routes.get("/import", read, list);
    routes.post("/import", run, upload);
    routes.get("/import/{id}", read, one);
    routes.post("/import/{id}/apply", run, apply);
    routes.post("/import/{id}/cancel", run, cancel);
    routes.get("/reconciliation", read, reconciliation);
    routes.get("/reconciliation/kept/{id}", read, kept);

    let doc = |id, summary| Doc::new(id, "papers", summary);
    let list = doc("list_imports", "The latest imports").answers::<api::ImportsBody>(200);
    routes.api(Method::GET, "/api/v1/imports", read, api::list, list);
    let upload = doc("upload_papers", "Upload a zip or tar of papers; a job makes the plan");
    let upload = upload.query::<api::UploadQuery>().octets().answers::<api::UploadedBody>(202).idempotent();
    routes.api(Method::POST, "/api/v1/imports", run, api::upload, upload);
    let one = doc("get_import", "One import with its plan").answers::<api::ImportBody>(200);
    routes.api(Method::GET, "/api/v1/imports/{id}", read, api::one, one);
    let apply = doc("apply_import", "Do what was planned, in a job").empty(202);
    routes.api(Method::POST, "/api/v1/imports/{id}/apply", run, api::apply, apply);
    let cancel = doc("cancel_import", "Stop a plan or an import that still runs").empty(204);
    routes.api(Method::POST, "/api/v1/imports/{id}/cancel", run, api::cancel, cancel);
    let problems = doc("list_problems", "What does not fit together").query::<api::ProblemsQuery>();
    routes.api(Method::GET, "/api/v1/problems", read, api::problems, problems.lists::<api::ProblemItem>());
}

async fn list_page(
    app: &App,
    actor: &Actor,
    errors: FieldErrors,
    status: StatusCode,
    request: &HttpRequest,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let zone = app.context.settings.time_zone.0;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let lines = view_of
        .imports()
        .await?
        .into_iter()
        .map(|i| ImportLine {
            href: format!("/import/{}", i.id),
            source: i.source,
            at: date_time(i.created_at, zone, lang),
            by: i.created_by,
            state: i.state,
        })
        .collect();
    let most = app.context.settings.import.max_upload_mb;
    let page =
        Page::of(app, &mut view_of, actor, Area::Import, lang.t("nav-import")).await?.status(status).flash(request);
    Ok(page.body(|lang| view::imports(lang, lines, &errors, most)))
}

/// `GET /import`
async fn list(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    list_page(&app, &actor, FieldErrors::new(), StatusCode::OK, &request).await
}

/// `POST /import`: an archive, and a job that plans it.
async fn upload(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    mut parts: Multipart,
) -> Result<HttpResponse, Fault> {
    actor.must(Action::ImportPapers)?;
    let lang = actor.visit.lang;
    let most_mb = app.context.settings.import.max_upload_mb;
    let most = usize::try_from(most_mb).unwrap_or(64) << 20;
    let (mut bytes, mut name) = (Vec::new(), String::new());
    let broken = |_| Fault::from(Kind::BadRequest);
    let mut too_large = false;
    while let Some(mut part) = parts.try_next().await.map_err(broken)? {
        if part.name() != Some("papers") {
            continue;
        }
        let given = part.content_disposition().and_then(|d| d.get_filename()).unwrap_or_default();
        name = uploads::shown_name(given);
        while let Some(chunk) = part.try_next().await.map_err(broken)? {
            // Read on to the end without keeping it: whoever sends must be able to read the answer.
            if too_large || bytes.len() + chunk.len() > most {
                too_large = true;
                bytes = Vec::new();
            } else {
                bytes.extend_from_slice(&chunk);
            }
        }
    }
    if too_large {
        let errors = FieldErrors::from([("papers", lang.f("import-too-large", &[("mb", &most_mb)]))]);
        return list_page(&app, &actor, errors, StatusCode::PAYLOAD_TOO_LARGE, &request).await;
    }
    if bytes.is_empty() {
        let errors = FieldErrors::from([("papers", lang.t("import-no-file").to_owned())]);
        return list_page(&app, &actor, errors, StatusCode::UNPROCESSABLE_ENTITY, &request).await;
    }
    let id = uploads::begin(&app.context, &actor, &name, &bytes).await?;
    Ok(done(&format!("/import/{id}"), lang.t("import-noted")))
}

fn import_view(lang: Lang, import: ImportRow, progress: Option<(i64, i64, String)>) -> ImportView {
    let plan: Option<Plan> = import.plan.and_then(|p| serde_json::from_value(p).ok());
    let plan = plan.unwrap_or_default();
    type Kind = (&'static str, fn(&super::plan::Counts) -> usize);
    let kinds: [Kind; 6] = [
        ("nav-customers", |c| c.customers),
        ("nav-domains", |c| c.domains),
        ("tile-zones", |c| c.zones),
        ("nav-homepages", |c| c.homepages),
        ("tile-mailboxes", |c| c.mailboxes),
        ("tile-aliases", |c| c.aliases),
    ];
    let rows = match import.state.as_str() {
        "planned" | "applied" => kinds
            .into_iter()
            .map(|(key, of)| (key, [of(&plan.create), of(&plan.update), of(&plan.identical), of(&plan.conflict)]))
            .collect(),
        _ => Vec::new(),
    };
    let notes =
        |notes: Vec<super::plan::Note>| notes.into_iter().map(|n| (n.file, n.line, lang.reason(&n.reason))).collect();
    ImportView {
        href: format!("/import/{}", import.id),
        source: import.source,
        state: import.state,
        error: import.error.map(|e| lang.reason(&e)),
        progress,
        rows,
        moving: notes(plan.moving),
        conflicts: notes(plan.conflicts),
        refused: notes(plan.refused),
    }
}

/// `GET /import/{id}`
async fn one(
    app: web::Data<App>,
    actor: Actor,
    import: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let import = view_of.import(path::parse(&import)?).await?;
    let running = view_of.job_of_import(import.id).await?;
    let progress = running.map(|job| (job.progress_done, job.progress_total, job.progress_note));
    let crumbs = vec![("/import".to_owned(), lang.t("nav-import").to_owned())];
    let mut page =
        Page::of(&app, &mut view_of, &actor, Area::Import, &import.source).await?.crumbs(crumbs).flash(&request);
    if progress.is_some() {
        page = page.refresh(1);
    }
    let shown = import_view(lang, import, progress);
    Ok(page.body(|lang| view::import(lang, shown)))
}

/// `POST /import/{id}/apply`
async fn apply(app: web::Data<App>, actor: Actor, import: web::Path<String>) -> Result<HttpResponse, Fault> {
    actor.must(Action::ImportPapers)?;
    let id = path::parse(&import)?;
    uploads::apply(&app.context, &actor, id).await?;
    Ok(done(&format!("/import/{id}"), actor.visit.lang.t("import-applying")))
}

/// `POST /import/{id}/cancel`: a plan or an import that is still running; what was applied stays applied.
async fn cancel(app: web::Data<App>, actor: Actor, import: web::Path<String>) -> Result<HttpResponse, Fault> {
    actor.must(Action::ImportPapers)?;
    let id = path::parse(&import)?;
    uploads::cancel(&app.context, &actor, id).await?;
    Ok(done(&format!("/import/{id}"), actor.visit.lang.t("import-cancelled")))
}

/// `GET /reconciliation`
async fn reconciliation(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let query = ListQuery::parse(request.query_string());
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let found = view_of.problems(ProblemKind::parse(query.get("kind")), query.get("q"), query.page()).await?;
    let mut kinds = view_of.problem_counts().await?;
    // The gravest first, as the rules have them.
    kinds.sort_by_key(|(kind, _)| ProblemKind::parse(kind));
    let subjects: Vec<String> = found.items.iter().map(|p| p.subject.clone()).collect();
    let zones = view_of.zone_ids(&subjects).await?;
    let state = query.state("/reconciliation", &["q", "kind"], found.total);
    let problems = found
        .items
        .into_iter()
        .map(|p| {
            let text = lang.f(&format!("problem-{}-text", p.kind), &[("subject", &p.subject), ("detail", &p.detail)]);
            let href = zones.get(&p.subject).map(|id| format!("/zones/{id}")).or_else(|| {
                let q = hostler_web::ui::frame::encode(&p.subject);
                match p.kind.as_str() {
                    kind if kind.starts_with("mailbox") || kind.starts_with("alias") => Some(format!("/mail?q={q}")),
                    "vhost-without-zone" => Some(format!("/homepages?q={q}")),
                    _ => Some(format!("/domains?q={q}")),
                }
            });
            ProblemLine { kind: p.kind, subject: (href, p.subject), text }
        })
        .collect();
    let kept = view_of
        .refusals(500)
        .await?
        .into_iter()
        .map(|r| RefusalLine {
            id: r.id,
            file: r.file,
            line: r.line,
            reason: lang.reason(&r.reason),
            size: size(i64::from(r.size), lang),
        })
        .collect();
    let page =
        Page::of(&app, &mut view_of, &actor, Area::Reconciliation, lang.t("nav-reconciliation")).await?.flash(&request);
    Ok(page.body(|lang| view::reconciliation(lang, &state, kinds, problems, kept)))
}

/// `GET /reconciliation/kept/{id}`: the bytes as they were, never as something that a browser would run.
async fn kept(app: web::Data<App>, actor: Actor, refusal: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id: i64 = path::parse(&refusal)?;
    let (row, bytes) = app.context.store.view(&actor.scope).await?.refusal(id).await?;
    let base = row.file.rsplit('/').next().unwrap_or_default();
    let name: String =
        base.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).take(100).collect();
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/octet-stream"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes))
}
