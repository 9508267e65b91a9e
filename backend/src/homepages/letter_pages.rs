//! The pages of letters to customers, and of what they answer.

use super::{
    crumbs,
    letters::{self, Kind, Sent, Text, Wanted},
    list::class_text,
    plan::MOST,
    plan_pages::{filter_of, kept, meant, names_some},
};
use crate::http::{
    App,
    fault::Fault,
    form::{Form, Refused},
    list::ListQuery,
    page::{Page, see_other},
    visit::{Actor, Visit},
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_core::web::Class;
use hostler_web::{
    i18n::Lang,
    pages::decide::{self as view, AnswerLine, LetterForm, LetterLine},
    ui::{form::FieldErrors, frame::Area},
};
use uuid::Uuid;

fn wanted(form: &Form) -> Wanted {
    let kind = if form.one("letter") == "drop" { Kind::Drop } else { Kind::Ask };
    let mut wanted = Wanted::usual(kind);
    if form.has("body_de") {
        // A browser sends its line ends.
        let text = |name: &str| form.one(name).replace("\r\n", "\n");
        wanted.german = Text { subject: text("subject_de"), body: text("body_de") };
        wanted.english = Text { subject: text("subject_en"), body: text("body_en") };
    }
    wanted.again = form.one("again") == "1";
    wanted
}

fn lines(lang: Lang, sent: Sent) -> (Vec<LetterLine>, Vec<(String, String)>) {
    let line = |w: letters::Written| LetterLine {
        customer: format!("{} {}", w.number, w.company),
        href: format!("/customers/{}", w.customer),
        homepages: w.homepages.len(),
        recipient: w.recipient,
        subject: w.subject,
        body: w.body,
    };
    let left = sent.left_out.into_iter().map(|(name, reason)| (name, lang.reason(reason))).collect();
    (sent.letters.into_iter().map(line).collect(), left)
}

async fn page(app: &App, actor: &Actor, text: &str, send: bool) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let (query, form) = (ListQuery::parse(text), Form::parse(text));
    let mut wanted = wanted(&form);
    let (mut status, mut said) = (StatusCode::OK, FieldErrors::new());
    let ids = match names_some(&query) {
        true => meant(&mut app.context.store.view(&actor.scope).await?, &query, &filter_of(&query, actor)).await?,
        false => Some(Vec::new()),
    };
    let ids = ids.unwrap_or_else(|| {
        said.insert("", lang.f("decide-too-many", &[("most", &MOST)]));
        Vec::new()
    });
    let mut done = false;
    let found = match letters::send(app, actor, &ids, &wanted, !send).await {
        Ok(sent) => {
            done = send && !sent.letters.is_empty();
            sent
        }
        Err(error) => {
            (status, said) = error.told(lang)?;
            Sent::default()
        }
    };
    if send && !done && said.is_empty() {
        (status, said) = Refused::Fields(vec![("", "nobody can be written to".to_owned())]).told(lang)?;
    }
    wanted.german.body = wanted.german.body.trim_end().to_owned();
    let shown = LetterForm {
        kind: wanted.kind.as_str().to_owned(),
        subject_de: wanted.german.subject,
        body_de: wanted.german.body,
        subject_en: wanted.english.subject,
        body_en: wanted.english.body,
        again: wanted.again,
        filters: kept(&query),
    };
    let (found, left_out) = lines(lang, found);
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let page = Page::of(app, &mut view_of, actor, Area::Homepages, lang.t("letters")).await?;
    let page = page.crumbs(crumbs(lang)).status(status);
    Ok(page.body(|lang| view::letters(lang, &shown, found, left_out, (&said, done))))
}

/// `GET /homepages/letters`: what would be written.
///
/// # Errors
/// When the database fails.
pub(super) async fn form(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    page(&app, &actor, request.query_string(), false).await
}

/// `POST /homepages/letters`: with other texts, or sent.
///
/// # Errors
/// When the database fails.
pub(super) async fn submit(app: web::Data<App>, actor: Actor, bytes: web::Bytes) -> Result<HttpResponse, Fault> {
    let text = String::from_utf8_lossy(&bytes);
    let send = Form::parse(&text).one("do") == "send";
    page(&app, &actor, &text, send).await
}

/// What a class means to somebody who knows nothing of servers.
pub(super) fn plainly(lang: Lang, code: Option<&str>) -> String {
    let known = code.and_then(Class::parse);
    match known.and_then(|c| lang.find(&format!("plain-{}", c.as_str().replace('_', "-")))) {
        Some(text) => text.to_owned(),
        None => code.map(|c| class_text(lang, c)).unwrap_or_default(),
    }
}

/// `GET /homepage-answer/{token}`: what is asked. Looking answers nothing: mail programs look, too.
///
/// # Errors
/// 404 if the link does not work.
pub(super) async fn ask(
    app: web::Data<App>,
    visit: Visit,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let (letter, lang) = letters::opened(&app.context, &token).await?;
    let line = |i: hostler_store::letters::LetterItem| AnswerLine {
        id: i.id.to_string(),
        name: i.unicode,
        class: plainly(lang, i.class.as_deref()),
        answer: i.answer.unwrap_or_default(),
        archived: i.archived,
    };
    let lines = letter.items.into_iter().map(line).collect();
    let visit = Visit { lang, ..visit };
    let done = request.query_string() == "done";
    let page = Page::guest(&app, &visit, lang.t("answer-title"));
    Ok(page.body(|lang| view::answer(lang, letter.company, &letter.kind, token.into_inner(), lines, done)))
}

/// `POST /homepage-answer/{token}`
///
/// # Errors
/// 404 if the link does not work.
pub(super) async fn answer(
    app: web::Data<App>,
    token: web::Path<String>,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let form = Form::parse(&String::from_utf8_lossy(&bytes));
    let answers: Vec<(Uuid, bool)> = form
        .0
        .iter()
        .filter_map(|(name, value)| {
            let id = name.strip_prefix("h-")?.parse().ok()?;
            match value.as_str() {
                "keep" => Some((id, true)),
                "let_go" => Some((id, false)),
                _ => None,
            }
        })
        .collect();
    letters::answer(&app.context, &token, &answers).await?;
    Ok(see_other(&format!("/homepage-answer/{token}?done")))
}
