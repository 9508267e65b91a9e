//! A table of mailboxes and aliases, in two steps: its plan, then what became of it.

use super::{
    pages::crumbs,
    table::{self, Outcome},
};
use crate::http::{
    App,
    fault::{Fault, Kind},
    page::Page,
    visit::Actor,
};
use actix_multipart::Multipart;
use actix_web::{HttpResponse, http::StatusCode, web};
use futures_util::TryStreamExt as _;
use hostler_web::{
    i18n::Lang,
    pages::mail_table::{self as view, Line, TablePage},
    ui::{form::FieldErrors, frame::Area, state::Meaning},
};

/// `GET /mailboxes/table`
///
/// # Errors
/// When the database fails.
pub(super) async fn form(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    show(&app, &actor, TablePage::default(), FieldErrors::new(), StatusCode::OK).await
}

async fn show(
    app: &App,
    actor: &Actor,
    table: TablePage,
    errors: FieldErrors,
    status: StatusCode,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let page = Page::of(app, &mut view_of, actor, Area::Mail, lang.t("table-title")).await?;
    let page = page.crumbs(crumbs(lang)).status(status);
    Ok(page.body(|lang| view::table(lang, table, &errors)))
}

/// What the form says: the step, and the table as a file or as text.
async fn fields(mut parts: Multipart) -> Result<(String, Vec<u8>), Fault> {
    let broken = |_| Fault::from(Kind::BadRequest);
    let (mut step, mut text, mut file) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(mut part) = parts.try_next().await.map_err(broken)? {
        let mut none = Vec::new();
        let into = match part.name() {
            Some("step") => &mut step,
            Some("text") => &mut text,
            Some("file") => &mut file,
            _ => &mut none,
        };
        while let Some(chunk) = part.try_next().await.map_err(broken)? {
            // One octet more than is allowed is enough to be told so.
            let room = (table::MOST_OCTETS + 1).saturating_sub(into.len());
            into.extend(chunk.iter().take(room));
        }
    }
    Ok((String::from_utf8_lossy(&step).into_owned(), if file.is_empty() { text } else { file }))
}

fn line(lang: Lang, row: &table::Row, outcome: Outcome) -> Line {
    let (meaning, key, password, reasons) = match outcome {
        Outcome::Create(password) => (Meaning::Good, "table-create", password, Vec::new()),
        Outcome::Update => (Meaning::Notice, "table-update", None, Vec::new()),
        Outcome::Identical => (Meaning::Unknown, "table-identical", None, Vec::new()),
        Outcome::Refused(wrong) => {
            (Meaning::Bad, "table-refused", None, wrong.iter().map(|(_, reason)| lang.reason(reason)).collect())
        }
    };
    Line { number: row.line.to_string(), address: row.address.clone(), meaning, outcome: key, password, reasons }
}

/// `POST /mailboxes/table`
///
/// # Errors
/// When the database fails.
pub(super) async fn submit(app: web::Data<App>, actor: Actor, parts: Multipart) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let (step, octets) = fields(parts).await?;
    let text = hostler_papers::decode(&octets).into_owned();
    let rows = match table::read(&text) {
        Ok(rows) => rows,
        Err(reason) => {
            let errors = FieldErrors::from([("text", lang.reason(&reason))]);
            // A page is no place for what is too large to be a table.
            let text = if text.len() > table::MOST_OCTETS { String::new() } else { text };
            let table = TablePage { text, ..TablePage::default() };
            return show(&app, &actor, table, errors, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let done = step == "apply";
    let outcomes = table::run(&app, &actor, &rows, !done).await?;
    let lines = rows.iter().zip(outcomes).map(|(row, outcome)| line(lang, row, outcome)).collect();
    show(&app, &actor, TablePage { text, lines, done }, FieldErrors::new(), StatusCode::OK).await
}
