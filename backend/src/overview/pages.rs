//! What is there, what is wrong, what happened.

use crate::http::{App, fault::Fault, page::Page, visit::Actor};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_core::access::{Action, Side};
use hostler_store::{audit::AuditFilter, dashboard::Counts};
use hostler_web::{
    pages::dashboard::{Event, Step, Tile, dashboard},
    time::{date_time, size},
    ui::frame::Area,
};

/// What is done in the first days: all of it by an administrator, the papers by whoever may take them over. Nothing once
/// all of it is done.
fn first_steps(app: &App, actor: &Actor, counts: &Counts, factor: bool) -> Vec<Step> {
    let settings = &app.context.settings;
    let step = |key, href, done| Step { key, href, done };
    let mut steps = Vec::new();
    if actor.may(Action::ImportPapers) {
        steps.push(step("step-papers", "/import", counts.customers + counts.domains > 0));
    }
    if actor.may(Action::ManageStaff) {
        let mails = settings.http.public_url.is_some() && settings.mail.smtp_url.is_some();
        steps.push(step("step-mail", "/help/operation", mails));
        steps.push(step("step-factor", "/account/security", factor));
    }
    if steps.iter().all(|s| s.done) { Vec::new() } else { steps }
}

/// `GET /`
///
/// # Errors
/// When the database fails.
pub(super) async fn overview(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let factors = app.context.store.factors(actor.login().id).await?;
    let factor = factors.totp_secret.is_some() || !factors.passkeys.is_empty();
    let mut view = app.context.store.view(&actor.scope).await?;
    let counts = view.counts().await?;
    let mut kinds = if actor.may(Action::ReadPapers) { view.problem_counts().await? } else { Vec::new() };
    kinds.sort_by_key(|(kind, _)| hostler_core::reconcile::Kind::parse(kind));
    let zone = app.context.settings.time_zone.0;
    let events = if actor.may(Action::ReadAudit) {
        view.audit_below(&AuditFilter::default(), None, 10).await?
    } else {
        Vec::new()
    };
    let events = events
        .into_iter()
        .map(|e| Event { at: date_time(e.at, zone, lang), actor: e.actor, action: e.action, label: e.label })
        .collect();
    let tile = |key, value: i64, href| Tile { key, value: value.to_string(), href };
    let tiles = vec![
        tile("tile-customers", counts.customers, "/customers"),
        tile("tile-domains", counts.domains, "/domains"),
        tile("tile-zones", counts.zones, "/domains"),
        tile("tile-homepages", counts.homepages, "/homepages"),
        tile("tile-mailboxes", counts.mailboxes, "/mail?kind=mailbox"),
        tile("tile-aliases", counts.aliases, "/mail?kind=alias"),
        Tile {
            key: "tile-mail-bytes",
            value: if counts.mail_bytes == 0 { "0".to_owned() } else { size(counts.mail_bytes, lang) },
            href: "/mail?sort=-bytes",
        },
    ];
    let mut wrong: Vec<(String, String, i64)> = [
        ("/domains?zone=errors", "wrong-zones-errors", counts.zones_with_errors),
        ("/reconciliation?kind=zone-not-served", "wrong-zones-unserved", counts.zones_unpublished),
        ("/domains?zone=changed", "wrong-zones-changed", counts.zones_changed),
        ("/reconciliation#kept", "wrong-refusals", counts.refusals),
    ]
    .into_iter()
    .filter(|(.., n)| *n > 0)
    .map(|(href, key, n)| (href.to_owned(), lang.t(key).to_owned(), n))
    .collect();
    for (kind, n) in kinds {
        // The zones are counted above, by what they are now.
        if !matches!(kind.as_str(), "zone-not-served" | "zone-with-errors") {
            let text = lang.find(&format!("problem-{kind}")).unwrap_or("?").to_owned();
            wrong.push((format!("/reconciliation?kind={kind}"), text, n));
        }
    }
    let hosting = actor.may(Action::ReadHosting);
    let customers = actor.side() != Side::Customer;
    // What leads nowhere for this visitor is not offered.
    let tiles: Vec<Tile> =
        tiles.into_iter().filter(|tile| if tile.href == "/customers" { customers } else { hosting }).collect();
    if !actor.may(Action::ReadPapers) {
        wrong.retain(|(href, ..)| !href.starts_with("/reconciliation"));
    }
    let steps = first_steps(&app, &actor, &counts, factor);
    let page = Page::of(&app, &mut view, &actor, Area::Overview, lang.t("nav-overview")).await?.flash(&request);
    Ok(page.body(|lang| dashboard(lang, tiles, wrong, events, steps)))
}
