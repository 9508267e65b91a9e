//! Bodies of the API: JSON that is exactly what the document says. What is unknown in it is refused, not passed over.

use super::fault::{Fault, Kind};
use actix_web::HttpRequest;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

/// Reads a body. It is read after it is known who asks: nobody learns what a route takes without being let in.
///
/// # Errors
/// 400 if it is no JSON, 422 with the field if it is other JSON than is taken.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut reader);
    read.map_err(|error| (error.path().to_string(), error.into_inner()))
        .and_then(|value| reader.end().map(|()| value).map_err(|e| (String::new(), e)))
        .map_err(|(path, error)| {
            let reason = error.to_string();
            if error.is_data() {
                return Fault::field(&named(&path, &reason), reason);
            }
            Fault { kind: Kind::BadRequest, cause: String::new(), fields: vec![("body".to_owned(), reason)] }
        })
}

/// Tells `null` from what is left out, for `deserialize_with`.
///
/// # Errors
/// When there is another value than is taken.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Reads a query string.
///
/// # Errors
/// 400 with the parameter that is wrong or unknown.
pub fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Fault> {
    let reader = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(request.query_string().as_bytes()));
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let (path, reason) = (error.path().to_string(), error.into_inner().to_string());
        Fault { kind: Kind::BadRequest, cause: String::new(), fields: vec![(named(&path, &reason), reason)] }
    })
}

/// The field that serde complains about: where it was reading, and below it what it misses or does not know, which
/// stands in backticks.
fn named(path: &str, reason: &str) -> String {
    // A body that is a list has no fields.
    let path = if path == "." || path.starts_with('[') { "" } else { path };
    let below = ["missing field `", "unknown field `", "duplicate field `"];
    let inner = below.iter().find_map(|start| reason.strip_prefix(start)?.split('`').next());
    match (path, inner) {
        ("", None) => "body".to_owned(),
        (path, None) => path.to_owned(),
        ("", Some(inner)) => inner.to_owned(),
        // Of an unknown field the path names it already.
        (path, Some(inner)) if path.rsplit('.').next() == Some(inner) => path.to_owned(),
        (path, Some(inner)) => format!("{path}.{inner}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "what is read is not looked at")]
    struct Outer {
        #[serde(default)]
        dry_run: bool,
        #[serde(default)]
        put: Vec<Inner>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "what is read is not looked at")]
    struct Inner {
        ttl: String,
    }

    #[test]
    fn a_problem_names_the_field_wherever_it_stands() {
        let field = |text: &str| parse::<Outer>(text.as_bytes()).unwrap_err().fields[0].0.clone();
        assert_eq!(field(r#"{"put": [{"ttl": "1"}, {"ttl": 5}]}"#), "put[1].ttl");
        assert_eq!(field(r#"{"put": [{}]}"#), "put[0].ttl");
        assert_eq!(field(r#"{"put": [{"ttl": "1", "role": 1}]}"#), "put[0].role");
        assert_eq!(field(r#"{"role": 1}"#), "role");
        assert_eq!(field(r#"{"dry_run": 1}"#), "dry_run");
        assert_eq!(field("[1, 2, 3]"), "body");
        assert_eq!(field("{} x"), "body");
        let asked = |q: &str| {
            query::<Outer>(&TestRequest::with_uri(&format!("/?{q}")).to_http_request()).unwrap_err().fields[0].0.clone()
        };
        assert_eq!(asked("dry_run=1"), "dry_run");
        assert_eq!(asked("role=1"), "role");
    }
}
