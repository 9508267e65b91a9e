//! Letters to customers about their homepages: one to each customer, looked at first; and what they answer.

use super::plan::{self, plain};
use crate::{
    http::{
        App,
        form::{Refused, Wrong},
        visit::Actor,
    },
    identity::service::{new_token, token_hash},
    platform::context::Context,
};
use chrono::{DateTime, Duration, Utc};
use hostler_core::{names::EmailAddress, web::Decision};
use hostler_store::{
    Scope, StoreError,
    audit::Change,
    letters::{Addressed, Letter, NewLetter},
    outbox::NewMail,
};
use hostler_web::{i18n::Lang, time::date};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Nobody is written to about the same within so many days, unless it is asked for.
const LATELY: Duration = Duration::days(14);
/// A question can be answered for so long.
const OPEN: Duration = Duration::days(60);
/// Names that a letter lists; the page behind its link has all.
const LISTED: usize = 100;

/// What a letter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LetterKind)]
pub(super) enum Kind {
    /// To ask what becomes of homepages.
    Ask,
    /// To tell that homepages will be dropped.
    Drop,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Drop => "drop",
        }
    }

    fn decision(self) -> Decision {
        match self {
            Self::Ask => Decision::Ask,
            Self::Drop => Decision::Drop,
        }
    }
}

/// What is written, in one language. `{company}`, `{contact}`, `{homepages}`, `{link}` and `{until}` stand for what is known.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LetterText)]
pub(super) struct Text {
    #[schema(max_length = 200)]
    pub(super) subject: String,
    #[schema(max_length = 5000)]
    pub(super) body: String,
}

impl Text {
    /// What is written unless somebody says otherwise.
    #[must_use]
    pub(super) fn usual(kind: Kind, lang: Lang) -> Self {
        let (subject, body) = match kind {
            Kind::Ask => ("letter-ask-subject", "letter-ask"),
            Kind::Drop => ("letter-drop-subject", "letter-drop"),
        };
        // The catalogue's own variables would be in braces too.
        let braces = |text: &str| text.replace('<', "{").replace('>', "}");
        Self { subject: braces(lang.find(subject).unwrap_or("?")), body: braces(lang.find(body).unwrap_or("?")) }
    }

    fn judge(&self, subject: &'static str, body: &'static str, wrong: &mut Wrong) {
        let empty = self.subject.trim().is_empty().then(|| "from 1 to 200 characters".to_owned());
        wrong.extend(empty.or_else(|| plain(&self.subject, 200, false).err()).map(|reason| (subject, reason)));
        let says_both = ["{link}", "{homepages}"].iter().all(|p| self.body.contains(p));
        let missing = (!says_both).then(|| "it says {homepages} and {link} somewhere".to_owned());
        wrong.extend(plain(&self.body, 5000, true).err().or(missing).map(|reason| (body, reason)));
    }
}

/// What is to be written.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) kind: Kind,
    pub(super) german: Text,
    pub(super) english: Text,
    /// Also to whom the same was written lately.
    pub(super) again: bool,
}

impl Wanted {
    /// The usual texts.
    #[must_use]
    pub(super) fn usual(kind: Kind) -> Self {
        Self { kind, german: Text::usual(kind, Lang::De), english: Text::usual(kind, Lang::En), again: false }
    }
}

/// A letter as it goes, or would go.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) customer: Uuid,
    pub(super) number: String,
    pub(super) company: String,
    pub(super) recipient: String,
    pub(super) homepages: Vec<(Uuid, String)>,
    pub(super) subject: String,
    /// What it says, the link left out.
    pub(super) body: String,
    lang: Lang,
    text: String,
    values: Vec<(&'static str, String)>,
}

/// What became of all.
#[derive(Debug, Clone, Default)]
pub(super) struct Sent {
    pub(super) letters: Vec<Written>,
    /// Homepages that nobody is written to about: name, and why.
    pub(super) left_out: Vec<(String, &'static str)>,
}

/// German where people speak it, English elsewhere.
fn language(country: &str) -> Lang {
    let german =
        ["", "DE", "AT", "CH", "LI", "LU", "DEUTSCHLAND", "ÖSTERREICH", "SCHWEIZ", "GERMANY", "AUSTRIA", "SWITZERLAND"];
    if german.contains(&country.trim().to_uppercase().as_str()) { Lang::De } else { Lang::En }
}

fn fill(text: &str, values: &[(&str, String)]) -> String {
    // In one pass: what a customer is called is no placeholder.
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        match values.iter().find(|(name, _)| after.starts_with(&format!("{{{name}}}"))) {
            Some((name, value)) => {
                out.push_str(value);
                rest = after.get(name.len() + 2..).unwrap_or_default();
            }
            None => {
                out.push('{');
                rest = after.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

fn why_not(row: &Addressed, wanted: &Wanted, now: DateTime<Utc>) -> Option<&'static str> {
    if row.decision != wanted.kind.decision().as_str() {
        return Some(match wanted.kind {
            Kind::Ask => "it is not decided that its customer is asked",
            Kind::Drop => "it is not decided that it is dropped",
        });
    }
    if row.customer_id.is_none() {
        return Some("it has no customer");
    }
    if EmailAddress::parse(row.email.as_deref().unwrap_or_default()).is_err() {
        return Some("its customer has no e-mail address");
    }
    let lately = row.written_at.is_some_and(|at| now - at < LATELY);
    (lately && !wanted.again).then_some("its customer was written to lately")
}

/// Writes letters about homepages, one to each customer. With `dry` nothing is sent.
///
/// # Errors
/// The fields that are wrong; when the panel has no address that a link could lead to.
pub(super) async fn send(app: &App, actor: &Actor, ids: &[Uuid], wanted: &Wanted, dry: bool) -> Result<Sent, Refused> {
    let context = &app.context;
    let mut wrong = Wrong::new();
    wanted.german.judge("subject_de", "body_de", &mut wrong);
    wanted.english.judge("subject_en", "body_en", &mut wrong);
    if !wrong.is_empty() {
        return Err(Refused::Fields(wrong));
    }
    let Some(url) = context.settings.http.public_url.as_deref() else {
        return Err(Refused::field("ids", "the setting http.public_url is not set, so no link can be mailed"));
    };
    let now = context.clock.now();
    let mut tx = context.store.begin(&actor.scope, now).await?;
    let rows = tx.addressed(ids, wanted.kind.as_str()).await?;
    let mut sent = Sent::default();
    let mut by_customer: BTreeMap<String, Vec<Addressed>> = BTreeMap::new();
    for row in rows {
        match why_not(&row, wanted, now) {
            Some(reason) => sent.left_out.push((row.unicode, reason)),
            None => by_customer.entry(row.number.clone().unwrap_or_default()).or_default().push(row),
        }
    }
    let until = match wanted.kind {
        Kind::Ask => now + OPEN,
        Kind::Drop => now + Duration::days(i64::from(context.settings.web.wait_days)),
    };
    for (number, rows) in by_customer {
        let Some(first) = rows.first() else { continue };
        let Some(customer) = first.customer_id else { continue };
        let lang = language(first.country.as_deref().unwrap_or_default());
        let text = if lang == Lang::De { &wanted.german } else { &wanted.english };
        let company = first.company.clone().unwrap_or_default();
        let contact = first.contact.clone().filter(|c| !c.is_empty()).unwrap_or_else(|| company.clone());
        let mut names: Vec<String> = rows.iter().take(LISTED).map(|r| format!("  {}", r.unicode)).collect();
        if rows.len() > LISTED {
            names.push(format!("  … (+{})", rows.len() - LISTED));
        }
        let (names, until) = (names.join("\n"), date(until, context.settings.time_zone.0, lang));
        let values = vec![("company", company.clone()), ("contact", contact), ("homepages", names), ("until", until)];
        let one_line = |text: String| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
        sent.letters.push(Written {
            customer,
            number,
            company,
            recipient: first.email.clone().unwrap_or_default(),
            homepages: rows.iter().map(|r| (r.id, r.unicode.clone())).collect(),
            subject: one_line(fill(&text.subject, &values)),
            body: fill(&text.body, &values),
            lang,
            text: text.body.clone(),
            values,
        });
    }
    if dry || sent.letters.is_empty() {
        return Ok(sent);
    }
    for letter in &sent.letters {
        let token = new_token("homepage_letters")?;
        let link = format!("{}/homepage-answer/{token}", url.trim_end_matches('/'));
        let body = fill(&letter.text, &[letter.values.clone(), vec![("link", link)]].concat());
        let mail = NewMail {
            kind: "homepages",
            user: None,
            customer: Some(letter.customer),
            recipient: &letter.recipient,
            subject: &letter.subject,
            body: &body,
        };
        let id = tx.queue_mail(&mail).await?;
        let homepages: Vec<Uuid> = letter.homepages.iter().map(|(id, _)| *id).collect();
        let new = NewLetter {
            customer: letter.customer,
            kind: wanted.kind.as_str(),
            recipient: &letter.recipient,
            token_hash: &token_hash(&token),
            expires_at: until,
            homepages: &homepages,
        };
        tx.add_letter(id, &new).await?;
        let names: Vec<&str> = letter.homepages.iter().map(|(_, name)| name.as_str()).collect();
        let change = Change::new("write-letter", ("customer", letter.customer), &letter.number);
        let told = serde_json::json!({ "kind": wanted.kind, "recipient": letter.recipient, "homepages": names });
        tx.audit(change.customer(Some(letter.customer)).after(Some(&told))).await?;
    }
    tx.commit().await?;
    Ok(sent)
}

impl Written {
    /// Its language.
    pub(super) fn lang(&self) -> Lang {
        self.lang
    }
}

/// The letter that a link leads to, with the language of who got it.
///
/// # Errors
/// `NotFound` if the link does not work.
pub(super) async fn opened(context: &Context, token: &str) -> Result<(Letter, Lang), StoreError> {
    let letter = context.store.letter(&token_hash(token), context.clock.now()).await?;
    let lang = language(&letter.country);
    Ok((letter, lang))
}

/// Takes answers: what a customer wants to keep moves, what it lets go is dropped after the waiting time. What is archived already
/// stays so.
///
/// # Errors
/// `NotFound` if the link does not work or is about none of them.
pub(super) async fn answer(context: &Context, token: &str, answers: &[(Uuid, bool)]) -> Result<usize, StoreError> {
    let (letter, _) = opened(context, token).await?;
    let scope = Scope::for_machine(&format!("letter to {}", letter.recipient));
    let mut tx = context.store.begin(&scope, context.clock.now()).await?;
    let ids: Vec<Uuid> = letter
        .items
        .iter()
        .filter(|i| !i.archived && answers.iter().any(|(id, _)| *id == i.id))
        .map(|i| i.id)
        .collect();
    let mut steps = Vec::new();
    for row in tx.plans(&ids).await? {
        let Some((_, keep)) = answers.iter().find(|(id, _)| *id == row.id).filter(|_| !row.archived) else { continue };
        tx.answer_letter(letter.id, row.id, if *keep { "keep" } else { "let_go" }).await?;
        let mut plan = row.plan.clone();
        let (decision, reason) = match keep {
            true => (Decision::Move, "its customer wants to keep it"),
            false => (Decision::Drop, "its customer lets it go"),
        };
        if plan.decision != decision {
            (plan.decision, plan.reason) = (decision, reason.to_owned());
            steps.push((row, plan));
        }
    }
    plan::write(&mut tx, steps, None, None).await?;
    tx.commit().await?;
    Ok(ids.len())
}

/// Archives what is to be dropped and whose customers were told long enough ago.
///
/// # Errors
/// When the database fails.
pub(super) async fn archive_due(context: &Context) -> Result<usize, StoreError> {
    let now = context.clock.now();
    let mut tx = context.store.begin(&Scope::for_machine("archive"), now).await?;
    let before = now - Duration::days(i64::from(context.settings.web.wait_days));
    let due = tx.due_to_be_archived(before).await?;
    let mut rows = tx.plans(&due).await?;
    // While they were being locked somebody may have said otherwise.
    let still = tx.due_to_be_archived(before).await?;
    rows.retain(|r| !r.archived && still.contains(&r.id));
    let ids: Vec<Uuid> = rows.iter().map(|r| r.id).collect();
    tx.archive_homepages(&ids, true).await?;
    for row in &rows {
        let change = Change::new("archive-homepage", ("homepage", row.id), &row.unicode).customer(row.customer_id);
        let archived = |yes: bool| serde_json::json!({ "archived": yes });
        tx.audit(change.before(Some(&archived(false))).after(Some(&archived(true)))).await?;
    }
    tx.commit().await?;
    Ok(ids.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_customer_is_called_is_no_placeholder() {
        let values = [("company", "{link}".to_owned()), ("until", "1.".to_owned())];
        assert_eq!(fill("{company} {until} {x} {link}{", &values), "{link} 1. {x} {link}{");
    }

    #[test]
    fn each_in_their_language() {
        assert_eq!(
            [language("DE"), language(" at "), language(""), language("NL")],
            [Lang::De, Lang::De, Lang::De, Lang::En]
        );
    }

    #[test]
    fn the_usual_letters_can_be_sent() {
        for kind in [Kind::Ask, Kind::Drop] {
            let usual = Wanted::usual(kind);
            let mut wrong = Wrong::new();
            usual.german.judge("subject_de", "body_de", &mut wrong);
            usual.english.judge("subject_en", "body_en", &mut wrong);
            assert_eq!(wrong, Wrong::new());
        }
    }
}
