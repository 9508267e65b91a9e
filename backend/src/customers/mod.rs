//! Customers: lists, one customer, its data.

mod api;
mod edit;
mod pages;
mod service;

pub use pages::{COLUMNS, row};
pub use service::undo;

use crate::http::{
    openapi::Doc,
    routes::{Access, Routes},
};
use actix_web::http::Method;
use hostler_core::access::Action;

/// The routes of this feature.
pub fn routes(routes: &mut Routes) {
    let (read, change) = (Access::May(Action::ReadCustomers), Access::May(Action::EditCustomers));
    routes.get("/customers", read, pages::list);
    routes.get("/customers/{id}", read, pages::one);
    routes.get("/customers/{id}/edit", change, edit::form);
    routes.post("/customers/{id}/edit", change, edit::submit);

    let doc = |id, summary| Doc::new(id, "customers", summary);
    routes.api(
        Method::GET,
        "/api/v1/customers",
        read,
        api::list,
        doc("list_customers", "Customers").query::<api::CustomersQuery>().lists::<api::CustomerItem>(),
    );
    let one = doc("get_customer", "One customer").answers::<api::CustomerBody>(200);
    routes.api(Method::GET, "/api/v1/customers/{id}", read, api::one, one);
    let update = doc("update_customer", "Change a customer's data").body::<service::CustomerPatch>();
    let update = update.answers::<api::CustomerBody>(200).versioned();
    routes.api(Method::PATCH, "/api/v1/customers/{id}", change, api::update, update);
}
