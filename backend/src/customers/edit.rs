//! The form of a customer's data.

use super::service::{self, CustomerError, CustomerPatch};
use crate::http::{
    App,
    fault::Fault,
    page::{Page, saved},
    path,
    visit::Actor,
};
use actix_web::{HttpResponse, http::StatusCode, web};
use hostler_store::StoreError;
use hostler_web::{
    pages::customers::{self as view, CustomerForm},
    ui::{form::FieldErrors, frame::Area},
};
use serde::Deserialize;
use uuid::Uuid;

async fn show(
    app: &App,
    actor: &Actor,
    id: Uuid,
    typed: Option<CustomerForm>,
    errors: FieldErrors,
    status: StatusCode,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let c = view_of.customer(id).await?;
    let name = if c.company.is_empty() { c.number.clone() } else { c.company.clone() };
    let typed = typed.unwrap_or(CustomerForm {
        company: c.company,
        contact: c.contact,
        street: c.street,
        postcode: c.postcode,
        city: c.city,
        country: c.country,
        email: c.email,
        vat_id: c.vat_id,
    });
    let revision = c.revision;
    let crumbs =
        vec![("/customers".to_owned(), lang.t("nav-customers").to_owned()), (format!("/customers/{id}"), name.clone())];
    let page = Page::of(app, &mut view_of, actor, Area::Customers, &name).await?.crumbs(crumbs).status(status);
    Ok(page.body(|lang| view::edit(lang, name.clone(), format!("/customers/{id}"), revision, &typed, &errors)))
}

/// `GET /customers/{id}/edit`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn form(
    app: web::Data<App>,
    actor: Actor,
    customer: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    show(&app, &actor, path::parse(&customer)?, None, FieldErrors::new(), StatusCode::OK).await
}

/// What was typed, and on which revision.
#[derive(Debug, Deserialize)]
pub(super) struct Post {
    revision: i32,
    #[serde(default)]
    company: String,
    #[serde(default)]
    contact: String,
    #[serde(default)]
    street: String,
    #[serde(default)]
    postcode: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    country: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    vat_id: String,
}

/// `POST /customers/{id}/edit`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn submit(
    app: web::Data<App>,
    actor: Actor,
    customer: web::Path<String>,
    form: web::Form<Post>,
) -> Result<HttpResponse, Fault> {
    let (id, lang, form) = (path::parse(&customer)?, actor.visit.lang, form.into_inner());
    let patch = CustomerPatch {
        company: Some(form.company.clone()),
        contact: Some(form.contact.clone()),
        street: Some(form.street.clone()),
        postcode: Some(form.postcode.clone()),
        city: Some(form.city.clone()),
        country: Some(form.country.clone()),
        email: Some(form.email.clone()),
        vat_id: Some(form.vat_id.clone()),
    };
    let (status, errors) = match service::update(&app.context, &actor, (id, form.revision), &patch, None).await {
        Ok((_, entry)) => return Ok(saved(&format!("/customers/{id}"), lang.t("login-saved"), entry)),
        Err(CustomerError::Fields(fields)) => {
            let told = fields.iter().map(|(name, reason)| (*name, lang.reason(reason))).collect();
            (StatusCode::UNPROCESSABLE_ENTITY, told)
        }
        Err(CustomerError::Store(StoreError::Stale)) => {
            (StatusCode::PRECONDITION_FAILED, FieldErrors::from([("", lang.t("error-stale-plain").to_owned())]))
        }
        Err(CustomerError::Store(error)) => return Err(error.into()),
    };
    let typed = CustomerForm {
        company: form.company,
        contact: form.contact,
        street: form.street,
        postcode: form.postcode,
        city: form.city,
        country: form.country,
        email: form.email,
        vat_id: form.vat_id,
    };
    show(&app, &actor, id, Some(typed), errors, status).await
}
