//! Bodies of the API: JSON that is exactly what the document says. What is unknown in it is refused, not passed over.

use super::fault::{Fault, Kind};
use actix_web::{HttpRequest, web};
use serde::de::DeserializeOwned;

/// Reads a body. It is read after it is known who asks: nobody learns what a route takes without being let in.
///
/// # Errors
/// 400 if it is no JSON, 422 with the field if it is other JSON than is taken.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| {
        let reason = error.to_string();
        if error.is_data() {
            return Fault::field(&named(&reason), reason);
        }
        Fault { kind: Kind::BadRequest, cause: String::new(), fields: vec![("body".to_owned(), reason)] }
    })
}

/// Reads a query string.
///
/// # Errors
/// 400 with the parameter that is wrong or unknown.
pub fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Fault> {
    web::Query::<T>::from_query(request.query_string()).map(web::Query::into_inner).map_err(|error| {
        let reason = error.to_string();
        Fault { kind: Kind::BadRequest, cause: String::new(), fields: vec![(named(&reason), reason)] }
    })
}

/// The field that serde complains about: it stands in backticks.
fn named(reason: &str) -> String {
    reason.split('`').nth(1).unwrap_or("body").to_owned()
}
