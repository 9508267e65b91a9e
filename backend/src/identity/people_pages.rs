//! The page of logins, and "view as".

use super::{
    people::{self, Invitation, PeopleError},
    view_as,
};
use crate::http::{
    App,
    fault::{Fault, Kind},
    page::{Page, done, done_undoable, see_other},
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_core::access::{Action, Role, Side};
use hostler_store::users::Household;
use hostler_web::{
    pages::people::{self as view, InviteForm, InvitedLine, LoginLine, People},
    time::date_time,
    ui::{form::FieldErrors, frame::Area},
};
use serde::Deserialize;

/// Whose logins: a customer's people see their own, whatever they ask for.
fn household(actor: &Actor, wanted: &str) -> Result<Household, Fault> {
    match (actor.customer(), wanted.is_empty()) {
        (Some(own), _) => Ok(Household::Customer(own)),
        (None, false) => wanted.parse().map(Household::Customer).map_err(|_| Kind::NotFound.into()),
        (None, true) if actor.side() == Side::Staff => Ok(Household::House),
        // A reseller has no house of its own here: it chooses one of its customers.
        (None, true) => Err(Kind::NotFound.into()),
    }
}

fn href(actor: &Actor, household: Household) -> String {
    match household {
        Household::Customer(id) if actor.customer().is_none() => format!("/logins?customer={id}"),
        _ => "/logins".to_owned(),
    }
}

async fn show(
    app: &App,
    actor: &Actor,
    household: Household,
    typed: InviteForm,
    errors: FieldErrors,
    request: &HttpRequest,
) -> Result<HttpResponse, Fault> {
    let (lang, zone) = (actor.visit.lang, app.context.settings.time_zone.0);
    let mut view = app.context.store.view(&actor.scope).await?;
    let (title, crumbs, customer) = match household {
        Household::House => (lang.t("nav-logins").to_owned(), Vec::new(), None),
        Household::Customer(id) => {
            let found = view.customer(id).await?;
            let name = if found.company.is_empty() { found.number } else { found.company };
            let crumbs = if actor.side() == Side::Customer {
                Vec::new()
            } else {
                vec![
                    ("/customers".to_owned(), lang.t("nav-customers").to_owned()),
                    (format!("/customers/{id}"), name.clone()),
                ]
            };
            (lang.f("logins-of", &[("name", &name)]), crumbs, Some(id.to_string()))
        }
    };
    let manages = match household {
        Household::House => actor.may(Action::ManageStaff),
        Household::Customer(_) => actor.may(Action::ManageLogins),
    };
    let own = actor.login().id;
    let logins = view
        .logins(household)
        .await?
        .into_iter()
        .map(|l| LoginLine {
            id: l.id.to_string(),
            revision: l.revision,
            name: l.name,
            email: l.email,
            role: l.role.as_str(),
            used: l.last_login_at.map_or_else(|| "—".to_owned(), |at| date_time(at, zone, lang)),
            off: l.disabled_at.is_some(),
            own: l.id == own,
        })
        .collect();
    let invited = view
        .invited(household)
        .await?
        .into_iter()
        .map(|i| InvitedLine {
            email: i.email,
            at: date_time(i.at, zone, lang),
            // Of our own troubles with a mail server only the staff hears.
            reply: i.reply.filter(|_| match actor.side() {
                Side::Staff => i.state != "sent",
                _ => matches!(i.state.as_str(), "failed" | "bounced"),
            }),
            state: i.state,
        })
        .collect();
    let roles = people::roles(household).iter().map(|r| Role::as_str(*r)).collect();
    let shown = People { logins, invited, customer, roles, manages };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page =
        Page::of(app, &mut view, actor, Area::Logins, &title).await?.crumbs(crumbs).status(status).flash(request);
    Ok(page.body(|lang| view::people(lang, title.clone(), &shown, &typed, &errors)))
}

/// Whose logins.
#[derive(Debug, Deserialize)]
pub(super) struct Of {
    #[serde(default)]
    customer: String,
}

/// `GET /logins`
///
/// # Errors
/// 404 if there is no such customer for this visitor.
pub(super) async fn list(
    app: web::Data<App>,
    actor: Actor,
    of: web::Query<Of>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    if of.customer.is_empty() && actor.side() == Side::Reseller {
        return Ok(see_other("/customers"));
    }
    let household = household(&actor, &of.customer)?;
    show(&app, &actor, household, InviteForm::default(), FieldErrors::new(), &request).await
}

/// An invitation.
#[derive(Debug, Deserialize)]
pub(super) struct InvitePost {
    #[serde(default)]
    customer: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    reseller: String,
}

/// `POST /logins/invite`
///
/// # Errors
/// 404 if there is no such customer for this visitor.
pub(super) async fn invite(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<InvitePost>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let (lang, form) = (actor.visit.lang, form.into_inner());
    let household = household(&actor, &form.customer)?;
    let wanted = Invitation { email: form.email, name: form.name, role: form.role, reseller: form.reseller };
    let errors = match people::invite(&app.context, &actor, household, &wanted).await {
        Ok(()) => return Ok(done(&href(&actor, household), lang.t("invite-sent"))),
        Err(PeopleError::Fields(fields)) => people::told(lang, &fields),
        Err(PeopleError::NoPublicUrl) => FieldErrors::from([("", lang.t("no-public-url").to_owned())]),
        Err(error) => return Err(error.into()),
    };
    let cut = |text: String| text.chars().take(300).collect::<String>();
    let typed = InviteForm {
        email: cut(wanted.email),
        name: cut(wanted.name),
        role: cut(wanted.role),
        reseller: cut(wanted.reseller),
    };
    show(&app, &actor, household, typed, errors, &request).await
}

/// Whose invitation.
#[derive(Debug, Deserialize)]
pub(super) struct WithdrawPost {
    #[serde(default)]
    customer: String,
    #[serde(default)]
    email: String,
}

/// `POST /logins/withdraw`
///
/// # Errors
/// 404 if that address was not invited.
pub(super) async fn withdraw(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<WithdrawPost>,
) -> Result<HttpResponse, Fault> {
    let household = household(&actor, &form.customer)?;
    people::withdraw(&app.context, &actor, household, &form.email).await?;
    Ok(done(&href(&actor, household), actor.visit.lang.t("invite-withdrawn")))
}

/// Another name and role.
#[derive(Debug, Deserialize)]
pub(super) struct EditPost {
    #[serde(default)]
    customer: String,
    revision: i32,
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: String,
}

/// `POST /logins/{id}`
///
/// # Errors
/// 404 if there is none for this visitor, 412 if it was changed since.
pub(super) async fn edit(
    app: web::Data<App>,
    actor: Actor,
    login: web::Path<String>,
    form: web::Form<EditPost>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let household = household(&actor, &form.customer)?;
    let edited = people::update(
        &app.context,
        &actor,
        household,
        (path::parse(&login)?, form.revision),
        (&form.name, &form.role),
    );
    match edited.await {
        Ok(entry) => Ok(done_undoable(&href(&actor, household), lang.t("login-saved"), entry)),
        Err(PeopleError::Fields(fields)) => {
            let told = people::told(lang, &fields).into_values().collect::<Vec<_>>().join(" ");
            show(&app, &actor, household, InviteForm::default(), FieldErrors::from([("", told)]), &request).await
        }
        Err(error) => Err(error.into()),
    }
}

/// On or off.
#[derive(Debug, Deserialize)]
pub(super) struct SwitchPost {
    #[serde(default)]
    customer: String,
    #[serde(default)]
    on: String,
}

/// `POST /logins/{id}/switch`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn switch(
    app: web::Data<App>,
    actor: Actor,
    login: web::Path<String>,
    form: web::Form<SwitchPost>,
) -> Result<HttpResponse, Fault> {
    let household = household(&actor, &form.customer)?;
    let entry = people::switch(&app.context, &actor, household, path::parse(&login)?, form.on == "1").await?;
    Ok(done_undoable(&href(&actor, household), actor.visit.lang.t("login-saved"), entry))
}

/// `POST /customers/{id}/view-as`
///
/// # Errors
/// 404 if there is no such customer for this visitor.
pub(super) async fn begin_view_as(
    app: web::Data<App>,
    actor: Actor,
    customer: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    view_as::begin(&app.context, &actor, actor.session()?, path::parse(&customer)?).await?;
    Ok(see_other("/"))
}

/// `POST /view-as/take-over`
///
/// # Errors
/// 404 if nobody is looked at.
pub(super) async fn take_over(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    view_as::go_on(&app.context, &actor, actor.session()?, true).await?;
    Ok(see_other("/"))
}

/// `POST /view-as/end`
///
/// # Errors
/// 404 if nobody is looked at.
pub(super) async fn end_view_as(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    let back = actor.acting().map(|a| format!("/customers/{}", a.customer_id)).unwrap_or_default();
    view_as::go_on(&app.context, &actor, actor.session()?, false).await?;
    Ok(see_other(if back.is_empty() { "/" } else { &back }))
}
