//! The API's document, for machines and as a page.

use crate::http::{App, page::Page, visit::Visit};
use actix_web::{HttpResponse, http::header, web};
use hostler_web::pages::document::{Operation, document};

/// `GET /api/v1/openapi.json`
pub(super) async fn json(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("application/json")
        .body(app.table.document.clone())
}

/// `GET /api/v1`
pub(super) async fn page(app: web::Data<App>, visit: Visit) -> HttpResponse {
    let operations: Vec<Operation> = app
        .table
        .routes
        .iter()
        .filter_map(|route| {
            let doc = route.doc.as_ref()?;
            Some(Operation {
                method: route.method.to_string(),
                path: route.path.to_owned(),
                tag: doc.tag(),
                summary: doc.summary(),
                access: match route.access {
                    crate::http::routes::Access::May(action) => Some(action.as_str()),
                    _ => None,
                },
                query: doc.query_names(),
                versioned: doc.is_versioned(),
                idempotent: doc.is_idempotent(),
            })
        })
        .collect();
    Page::guest(&app, &visit, "API").body(|lang| document(lang, &operations))
}
