//! Letters to customers about their homepages, in the API; and looks that are asked for.

use super::{
    letters::{self, Kind, Text, Wanted},
    plan_api::{DryQuery, Selection},
    sweep,
};
use crate::http::{App, api::once, body, fault::Fault, visit::Actor};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_store::looks::Which;
use hostler_web::i18n::Lang;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What is written, and about which homepages.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LettersRequest)]
pub(super) struct LettersBody {
    selection: Selection,
    kind: Kind,
    /// In German; left out: the usual text.
    german: Option<Text>,
    /// In English; left out: the usual text.
    english: Option<Text>,
    /// Also to whom the same was written within the last two weeks.
    #[serde(default)]
    again: bool,
}

/// A letter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HomepageLetter)]
pub(super) struct LetterItem {
    customer_id: Uuid,
    customer_number: String,
    recipient: String,
    /// `de` or `en`.
    lang: &'static str,
    homepages: Vec<String>,
    subject: String,
    /// What it says, with `{link}` in the place of the link.
    body: String,
}

/// A homepage that nobody is written to about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeftOutHomepage)]
pub(super) struct LeftOutItem {
    name: String,
    reason: &'static str,
}

/// The letters that were sent, or would be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HomepageLetters)]
pub(super) struct SentBody {
    dry_run: bool,
    items: Vec<LetterItem>,
    left_out: Vec<LeftOutItem>,
}

/// `POST /api/v1/homepages/letters`
///
/// # Errors
/// 409, 422.
pub(super) async fn send(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let dry = body::query::<DryQuery>(&request)?.dry_run;
    let asked: LettersBody = body::parse(&bytes)?;
    let (app_ref, actor_ref): (&App, &Actor) = (&app, &actor);
    once(&app.context, &actor, &request, &bytes, || async move {
        let ids = asked.selection.meant(app_ref, actor_ref).await?;
        let usual = |lang| Text::usual(asked.kind, lang);
        let wanted = Wanted {
            kind: asked.kind,
            german: asked.german.unwrap_or_else(|| usual(Lang::De)),
            english: asked.english.unwrap_or_else(|| usual(Lang::En)),
            again: asked.again,
        };
        let sent = letters::send(app_ref, actor_ref, &ids, &wanted, dry).await?;
        let item = |w: letters::Written| LetterItem {
            customer_id: w.customer,
            lang: w.lang().code(),
            customer_number: w.number,
            recipient: w.recipient,
            homepages: w.homepages.into_iter().map(|(_, name)| name).collect(),
            subject: w.subject,
            body: w.body,
        };
        let answer = SentBody {
            dry_run: dry,
            items: sent.letters.into_iter().map(item).collect(),
            left_out: sent.left_out.into_iter().map(|(name, reason)| LeftOutItem { name, reason }).collect(),
        };
        Ok((200, serde_json::to_value(answer).map_err(Fault::internal)?))
    })
    .await
}

/// Which homepages are looked at; without any, all.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = SweepRequest)]
pub(super) struct SweepBody {
    /// Only these.
    #[schema(max_items = 200)]
    ids: Option<Vec<Uuid>>,
    /// Only those whose name holds this.
    #[schema(max_length = 253)]
    filter: Option<String>,
}

/// The job that looks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SweepJob)]
pub(super) struct JobAnswer {
    /// `GET /api/v1/jobs/{id}` tells how far it is.
    job: Uuid,
}

/// `POST /api/v1/homepages/sweep`
///
/// # Errors
/// 409, 422.
pub(super) async fn look(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let asked: SweepBody = body::parse(&bytes)?;
    let (app_ref, actor_ref): (&App, &Actor) = (&app, &actor);
    once(&app.context, &actor, &request, &bytes, || async move {
        let which = match (asked.ids, asked.filter) {
            (Some(_), Some(_)) => return Err(Fault::field("filter", "either ids or a filter")),
            (Some(ids), None) if ids.is_empty() || ids.len() > 200 => {
                return Err(Fault::field("ids", "from 1 to 200 homepages"));
            }
            (Some(ids), None) => Which::Ids(ids),
            (None, Some(text)) if text.chars().count() > 253 || text.contains('\0') => {
                return Err(Fault::field("filter", "a part of a name"));
            }
            (None, text) => Which::Named(text.unwrap_or_default()),
        };
        let job = sweep::ask(app_ref, actor_ref, which).await?;
        Ok((202, serde_json::to_value(JobAnswer { job }).map_err(Fault::internal)?))
    })
    .await
}
