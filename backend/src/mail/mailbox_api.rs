//! Mailboxes one by one in the API, and where a mail goes.

use super::{
    check::{self, RouteBody},
    many::{self, NewMailbox},
    rules::MailboxPatch,
    service::{self, MailError},
};
use crate::http::{
    App,
    api::{if_match, json, once, tagged},
    body,
    fault::Fault,
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, NaiveDate, Utc};
use hostler_core::{mail::Secret, names::EmailAddress};
use hostler_store::{
    StoreError, View,
    app_passwords::AppPasswordRow,
    mail_servers::Placement,
    mailboxes::{MailboxData, MailboxRow},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What is set of a mailbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailboxData)]
pub(super) struct DataBody {
    name: String,
    protocols: Vec<String>,
    quota_bytes: Option<i64>,
    quota_messages: Option<i32>,
    storage: String,
    forward: Vec<String>,
    keep: bool,
    send_as: Vec<String>,
    reply_on: bool,
    reply_from: Option<NaiveDate>,
    reply_until: Option<NaiveDate>,
    reply_subject: String,
    reply_text: String,
    reply_days: i16,
    junk_at: Option<i16>,
}

impl From<MailboxData> for DataBody {
    fn from(d: MailboxData) -> Self {
        Self {
            name: d.name,
            protocols: d.protocols,
            quota_bytes: d.quota_bytes,
            quota_messages: d.quota_messages,
            storage: d.storage,
            forward: d.forward,
            keep: d.keep,
            send_as: d.send_as,
            reply_on: d.reply_on,
            reply_from: d.reply_from,
            reply_until: d.reply_until,
            reply_subject: d.reply_subject,
            reply_text: d.reply_text,
            reply_days: d.reply_days,
            junk_at: d.junk_at,
        }
    }
}

/// A password for one device. It is never shown again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppPassword)]
pub(super) struct AppPasswordBody {
    id: Uuid,
    label: String,
    protocols: Vec<String>,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

/// A mailbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mailbox)]
pub(super) struct MailboxBody {
    id: Uuid,
    address: String,
    customer_id: Option<Uuid>,
    data: DataBody,
    /// Scheme of its password's hash; null: nobody can log in.
    password_scheme: Option<String>,
    /// Whether that scheme is one that a new password should take the place of.
    password_weak: bool,
    /// When the password was set here; null: it came with the papers.
    password_at: Option<DateTime<Utc>>,
    app_passwords: Vec<AppPasswordBody>,
    /// Octets of mail when last looked.
    bytes: Option<i64>,
    /// Mails, or files of the old server, when last looked.
    files: Option<i64>,
    /// When the mail server said so; null: the papers did.
    seen_at: Option<DateTime<Utc>>,
    /// When its owner logged in last, as far as the mail servers' logs were read.
    last_login_at: Option<DateTime<Utc>>,
    /// The mail server that it lives on; null if servers have no names.
    server: Option<String>,
    /// Whether its mail waits while it is being moved.
    held: bool,
    /// Until when whoever logs in waits, after it went to another server.
    delay_until: Option<DateTime<Utc>>,
}

/// A mailbox to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMailboxBody {
    #[schema(max_length = 320)]
    address: String,
    /// Without one it gets a password, which the answer shows once.
    #[schema(max_length = 1000)]
    password: Option<String>,
    #[serde(default)]
    data: MailboxPatch,
}

/// Another password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordBody {
    /// Without one it gets a password, which the answer shows once.
    #[schema(max_length = 1000)]
    password: Option<String>,
}

/// A password for one device to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAppPasswordBody {
    #[schema(max_length = 60)]
    label: String,
    #[schema(max_items = 4)]
    protocols: Vec<String>,
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MadeMail)]
pub(super) struct MadeBody {
    pub(super) id: Uuid,
    /// The password that was made for it, shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) password: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteQuery {
    /// Whom the mail is to.
    #[param(max_length = 320)]
    address: String,
}

fn mailbox(m: MailboxRow, apps: Vec<AppPasswordRow>, place: Placement) -> HttpResponse {
    let weak = m.password_scheme.as_deref().is_some_and(Secret::scheme_is_weak);
    let app = |a: AppPasswordRow| AppPasswordBody {
        id: a.id,
        label: a.label,
        protocols: a.protocols,
        created_at: a.created_at,
        last_used_at: a.last_used_at,
    };
    let body = MailboxBody {
        id: m.id,
        address: m.address,
        customer_id: m.customer_id,
        data: m.data.into(),
        password_scheme: m.password_scheme,
        password_weak: weak,
        password_at: m.password_at,
        app_passwords: apps.into_iter().map(app).collect(),
        bytes: m.bytes,
        files: m.files,
        seen_at: m.seen_at,
        last_login_at: m.last_login_at,
        server: place.server,
        held: place.held,
        delay_until: place.delay_until,
    };
    tagged(m.revision, &body)
}

/// What is wrong with a new mailbox, by the names that its body has for the fields.
pub(super) fn wrong(error: MailError) -> Fault {
    match error {
        MailError::Fields(fields) => {
            let named = |name: &str| match name {
                "address" | "password" => name.to_owned(),
                inner => format!("data.{inner}"),
            };
            Fault::invalid(fields.into_iter().map(|(name, reason)| (named(name), reason)).collect())
        }
        other => other.into(),
    }
}

async fn found(view: &mut View, id: Uuid) -> Result<HttpResponse, Fault> {
    let found = view.mailbox(id).await?;
    let apps = view.app_passwords(id).await?;
    let placed = view.placements(&[id]).await?.pop().ok_or(StoreError::NotFound)?;
    Ok(mailbox(found, apps, placed.placement))
}

/// `GET /api/v1/mailboxes/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn one(app: web::Data<App>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = path::parse(&id)?;
    found(&mut app.context.store.view(&actor.scope).await?, id).await
}

/// `POST /api/v1/mailboxes`
///
/// # Errors
/// 409, 422.
pub(super) async fn create(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let wanted: NewMailboxBody = body::parse(&bytes)?;
    let (app_ref, actor_ref): (&App, &Actor) = (&app, &actor);
    once(&app.context, &actor, &request, &bytes, || async move {
        let chosen = wanted.password.as_deref();
        let made = service::create(app_ref, actor_ref, &wanted.address, chosen, &wanted.data).await;
        let (id, password) = made.map_err(wrong)?;
        let made = MadeBody { id, password: chosen.is_none().then_some(password) };
        Ok((201, serde_json::to_value(made).map_err(Fault::internal)?))
    })
    .await
}

/// Many mailboxes to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ManyBody {
    #[schema(max_items = 1000)]
    items: Vec<NewMailboxBody>,
}

/// What is wrong with a field of one of them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WrongItem {
    pub(super) field: String,
    pub(super) detail: String,
}

/// What became of one of them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ManyItem {
    address: String,
    /// Null if it was not made, or only tried.
    id: Option<Uuid>,
    /// The password that was made for it, shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    /// Why it was not made.
    errors: Vec<WrongItem>,
}

/// What became of many.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ManyAnswer {
    dry_run: bool,
    /// So many were made, or would be.
    made: usize,
    /// One for each that was asked for, in that order.
    items: Vec<ManyItem>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ManyQuery {
    /// Nothing is done; the answer says what would be.
    #[serde(default)]
    #[param(required = false)]
    pub(super) dry_run: bool,
}

/// Mailboxes in one call at the most.
const MANY: usize = 1000;

/// `POST /api/v1/mailboxes/bulk`
///
/// # Errors
/// 409, 422.
pub(super) async fn create_many(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let dry = body::query::<ManyQuery>(&request)?.dry_run;
    let wanted: ManyBody = body::parse(&bytes)?;
    if wanted.items.is_empty() || wanted.items.len() > MANY {
        return Err(Fault::field("items", format!("from 1 to {MANY} mailboxes")));
    }
    let (app_ref, actor_ref): (&App, &Actor) = (&app, &actor);
    once(&app.context, &actor, &request, &bytes, || async move {
        let one = |b: NewMailboxBody| NewMailbox { address: b.address, password: b.password, patch: b.data };
        let rows: Vec<NewMailbox> = wanted.items.into_iter().map(one).collect();
        let results = many::create(app_ref, actor_ref, &rows, dry).await?;
        let made = results.iter().filter(|r| r.is_ok()).count();
        let item = |(result, row): (many::Made, NewMailbox)| match result {
            Ok((id, password)) => ManyItem {
                address: row.address,
                id: (!dry).then_some(id),
                password: (!dry && row.password.is_none()).then_some(password),
                errors: Vec::new(),
            },
            Err(fields) => ManyItem {
                address: row.address.chars().take(320).collect(),
                id: None,
                password: None,
                errors: wrong(MailError::Fields(fields))
                    .fields
                    .into_iter()
                    .map(|(field, detail)| WrongItem { field, detail })
                    .collect(),
            },
        };
        let items = results.into_iter().zip(rows).map(item).collect();
        let answer = ManyAnswer { dry_run: dry, made, items };
        Ok((200, serde_json::to_value(answer).map_err(Fault::internal)?))
    })
    .await
}

/// `PATCH /api/v1/mailboxes/{id}`
///
/// # Errors
/// 404, 412, 422, 428.
pub(super) async fn update(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let id = path::parse(&id)?;
    let patch: MailboxPatch = body::parse(&bytes)?;
    service::update(&app, (&actor).into(), (id, if_match(&request)?), &patch).await?;
    found(&mut app.context.store.view(&actor.scope).await?, id).await
}

/// `DELETE /api/v1/mailboxes/{id}`
///
/// # Errors
/// 404, 412, 428.
pub(super) async fn delete(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    service::delete(&app, &actor, path::parse(&id)?, if_match(&request)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /api/v1/mailboxes/{id}/password`
///
/// # Errors
/// 404, 422.
pub(super) async fn set_password(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let id = path::parse(&id)?;
    let wanted: PasswordBody = body::parse(&bytes)?;
    let password = service::set_password(&app, &actor.scope, id, wanted.password.as_deref()).await?;
    Ok(json(&MadeBody { id, password: wanted.password.is_none().then_some(password) }))
}

/// `POST /api/v1/mailboxes/{id}/app-passwords`
///
/// # Errors
/// 404, 409, 422.
pub(super) async fn add_app_password(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let id = path::parse(&id)?;
    let wanted: NewAppPasswordBody = body::parse(&bytes)?;
    let (app_ref, actor_ref): (&App, &Actor) = (&app, &actor);
    once(&app.context, &actor, &request, &bytes, || async move {
        let (made, password) =
            service::add_app_password(app_ref, &actor_ref.scope, id, &wanted.label, &wanted.protocols).await?;
        let made = MadeBody { id: made, password: Some(password) };
        Ok((201, serde_json::to_value(made).map_err(Fault::internal)?))
    })
    .await
}

/// `DELETE /api/v1/mailboxes/{id}/app-passwords/{app}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn revoke_app_password(
    app: web::Data<App>,
    actor: Actor,
    ids: web::Path<(String, String)>,
) -> Result<HttpResponse, Fault> {
    let (mailbox, app_password) = ids.into_inner();
    service::revoke_app_password(&app, &actor.scope, path::parse(&mailbox)?, path::parse(&app_password)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /api/v1/mail/route`
///
/// # Errors
/// The address that is wrong.
pub(super) async fn route(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query: RouteQuery = body::query(&request)?;
    let address = EmailAddress::parse(&query.address).map_err(|e| Fault::field("address", e.to_string()))?;
    let mut view = app.context.store.view(&actor.scope).await?;
    let route: RouteBody = check::check(&mut view, address, &app.context.settings.mail).await?;
    Ok(json(&route))
}
