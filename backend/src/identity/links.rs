//! What mailed links do: take up an invitation, set a forgotten password anew, change an address.

use super::{
    hashing::{Hasher, PasswordError},
    service::{new_token, token_hash},
};
use crate::platform::{context::Context, jobs::JobError};
use chrono::Duration;
use hostler_core::names::EmailAddress;
use hostler_store::{
    Scope, StoreError, Tx,
    audit::Change,
    links::{Link, Purpose},
    outbox::NewMail,
    sessions::Session,
};
use hostler_web::i18n::Lang;
use serde_json::{Value, json};
use uuid::Uuid;

/// The job that answers a request for a new password.
pub const RESET: &str = "reset-password";
/// Mails of one kind to a login within an hour.
pub(super) const MOST_AN_HOUR: i64 = 3;

/// Makes a link; answers its address, which begins with the configured public one and never with what a request says.
///
/// # Errors
/// When the database fails.
pub async fn mint(
    tx: &mut Tx,
    public_url: &str,
    user: Uuid,
    purpose: Purpose,
    change: Option<(&str, Uuid)>,
) -> Result<String, StoreError> {
    let token = new_token("mail_links")?;
    tx.add_link(&token_hash(&token), user, purpose, change).await?;
    Ok(format!("{}/link/{token}", public_url.trim_end_matches('/')))
}

/// Somebody forgot a password. The same happens whether or not there is such a login: a job is queued, and only the job
/// looks.
///
/// # Errors
/// When the database fails.
pub async fn ask_reset(context: &Context, email: &str, scope: &Scope) -> Result<(), StoreError> {
    let email = EmailAddress::parse(email.trim()).map(|e| e.to_string()).unwrap_or_default();
    let mut tx = context.store.begin_identity(scope, context.clock.now()).await?;
    // One of an address at a time: whoever asks a thousand times fills no queue.
    tx.enqueue_once(RESET, json!({ "email": email }), &format!("{RESET} {email}"));
    tx.commit().await
}

/// Mails the link, if there is such a login and it did not get several lately.
///
/// # Errors
/// When the database fails.
pub async fn reset(context: &Context, payload: &Value) -> Result<Value, JobError> {
    let email = payload.get("email").and_then(Value::as_str).unwrap_or_default();
    let Some(url) = context.settings.http.public_url.as_deref() else {
        return Err(JobError::Final("setting http.public_url is not set".to_owned()));
    };
    let Some((user, lang)) = context.store.find_user(email).await? else { return Ok(Value::Null) };
    let now = context.clock.now();
    if context.store.links_since(user, Purpose::Reset, now - Duration::hours(1)).await? >= MOST_AN_HOUR {
        return Ok(Value::Null);
    }
    let lang = Lang::parse(&lang).unwrap_or_default();
    let mut tx = context.store.begin_identity(&Scope::for_machine("reset"), now).await?;
    let link = mint(&mut tx, url, user, Purpose::Reset, None).await?;
    let body = lang.f("mail-reset", &[("link", &link)]);
    tx.queue_mail(&NewMail {
        kind: "reset",
        user: Some(user),
        customer: None,
        recipient: email,
        subject: lang.t("mail-reset-subject"),
        body: &body,
    })
    .await?;
    tx.commit().await?;
    Ok(Value::Null)
}

/// The link of a token, if it works now.
///
/// # Errors
/// When the database fails.
pub async fn find(context: &Context, token: &str) -> Result<Option<Link>, StoreError> {
    context.store.link(&token_hash(token), context.clock.now()).await
}

/// Why a link did not do what it is for.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The password cannot be used.
    #[error("{0}")]
    Password(#[from] PasswordError),
    /// It no longer works.
    #[error("the link no longer works")]
    Gone,
    /// The address has a login by now.
    #[error("the address is taken")]
    Taken,
    /// The store refused.
    #[error("{0}")]
    Store(StoreError),
}

impl From<StoreError> for LinkError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::Gone,
            StoreError::Constraint(name) if name == "users_email_key" => Self::Taken,
            other => Self::Store(other),
        }
    }
}

/// Sets a password by an invitation's or a reset's link. All sessions end; after a reset all tokens do as well, as
/// somebody else may have had the old password.
///
/// # Errors
/// `Gone` if the link was used meanwhile.
pub async fn set_password(
    context: &Context,
    hasher: &Hasher,
    (token, link): (&str, &Link),
    password: &str,
    (request, address): (&str, &str),
) -> Result<(), LinkError> {
    let hash = hasher.make(password, &[&link.email]).await?;
    let scope = Scope::for_person(Some(link.user), &link.email, request, address);
    let mut tx = context.store.begin_identity(&scope, context.clock.now()).await?;
    tx.use_link(&token_hash(token)).await?;
    tx.set_password(link.user, &hash, None).await?;
    if link.purpose == Purpose::Reset {
        tx.revoke_tokens(link.user).await?;
    }
    let action = if link.purpose == Purpose::Invite { "accept-invite" } else { "reset-password" };
    tx.audit(Change::new(action, ("login", link.user), &link.email).customer(link.customer_id)).await?;
    Ok(tx.commit().await?)
}

/// Asks both addresses to confirm that one takes the place of the other.
///
/// # Errors
/// When the database fails.
pub async fn ask_address(
    context: &Context,
    scope: &Scope,
    session: &Session,
    new: &EmailAddress,
    public_url: &str,
    lang: Lang,
) -> Result<(), StoreError> {
    let (login, new) = (session.login(), new.to_string());
    let now = context.clock.now();
    let change = hostler_store::new_id(now);
    let mut tx = context.store.begin_identity(scope, now).await?;
    for (purpose, to, key) in
        [(Purpose::AddressOld, &login.email, "mail-address-old"), (Purpose::AddressNew, &new, "mail-address-new")]
    {
        let link = mint(&mut tx, public_url, login.id, purpose, Some((&new, change))).await?;
        let body = lang.f(key, &[("old", &login.email), ("new", &new), ("link", &link)]);
        tx.queue_mail(&NewMail {
            kind: "address",
            user: Some(login.id),
            customer: None,
            recipient: to,
            subject: lang.t("mail-address-subject"),
            body: &body,
        })
        .await?;
    }
    tx.audit(
        Change::new("ask-address", ("login", login.id), &login.email).customer(login.customer_id).after(Some(&new)),
    )
    .await?;
    tx.commit().await
}

/// Confirms one end of a change of address; answers whether both have confirmed it and it was made.
///
/// # Errors
/// `Gone`, `Taken`.
pub async fn confirm_address(
    context: &Context,
    (token, link): (&str, &Link),
    (request, address): (&str, &str),
) -> Result<bool, LinkError> {
    let (Some(new), Some(change)) = (&link.address, link.change_id) else { return Err(LinkError::Gone) };
    let scope = Scope::for_person(Some(link.user), &link.email, request, address);
    let mut tx = context.store.begin_identity(&scope, context.clock.now()).await?;
    tx.lock_change(change).await?;
    tx.use_link(&token_hash(token)).await?;
    let both = tx.change_confirmed(change).await?;
    if both {
        tx.set_address(link.user, new).await?;
        tx.audit(
            Change::new("change-address", ("login", link.user), new)
                .customer(link.customer_id)
                .before(Some(&link.email))
                .after(Some(new)),
        )
        .await?;
    }
    tx.commit().await?;
    Ok(both)
}
