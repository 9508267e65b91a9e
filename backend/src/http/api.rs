//! What the operations of the API share: lists, versions, keys.

use super::{
    csv::Csv,
    fault::{Fault, Kind},
    sheet,
    visit::Actor,
};
use crate::platform::context::Context;
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use hostler_store::{
    idempotency::Claim,
    list::{Page, Sort},
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, future::Future};
use utoipa::ToSchema;
use uuid::Uuid;

/// Rows on a page unless the request says otherwise.
const USUAL: i64 = 50;
/// Rows on a page at the most.
const MOST: i64 = 500;
/// Letters that a search may have.
pub const MOST_LETTERS: usize = 300;
/// Bodies beyond it, in octets, are hashed off the workers.
const LONG: usize = 1 << 20;
/// Rows in a CSV file at the most.
const MOST_CSV: i64 = 100_000;

/// An item of a list, and the columns that it has as CSV.
pub trait Item: Serialize {
    /// Names of its fields.
    const COLUMNS: &'static [&'static str];
}

/// Which part of a list, as the request says it.
#[derive(Debug, Clone, Copy)]
pub struct Part<'p> {
    /// Text to be found.
    pub q: Option<&'p str>,
    /// Column to sort by, with `-` for the largest first.
    pub sort: Option<&'p str>,
    /// Rows at the most.
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<&'p str>,
    /// `csv` or `xlsx` for a file.
    pub format: Option<&'p str>,
    /// Names of the fields that the file has, with commas between them.
    pub columns: Option<&'p str>,
}

/// A list about to be answered.
#[derive(Debug, Clone)]
pub struct Listing {
    /// What to read.
    pub page: Page,
    /// In which order.
    pub sort: Sort,
    file: Option<File>,
    columns: Option<Vec<String>>,
}

/// A list as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum File {
    Csv,
    Xlsx,
}

impl Listing {
    /// Reads what part is asked for; `names` are the columns that the list sorts by.
    ///
    /// # Errors
    /// The parameter that is wrong.
    pub fn read(request: &HttpRequest, part: Part<'_>, names: &[&str]) -> Result<Self, Fault> {
        let accepts = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let accepts = |kind: &str| accepts.split(',').any(|part| part.trim().starts_with(kind));
        let file = match part.format {
            None if accepts("text/csv") => Some(File::Csv),
            None if accepts(sheet::CONTENT_TYPE) => Some(File::Xlsx),
            None | Some("json") => None,
            Some("csv") => Some(File::Csv),
            Some("xlsx") => Some(File::Xlsx),
            Some(_) => return Err(Fault::field("format", "json, csv or xlsx")),
        };
        let sort = match part.sort {
            None => Sort { column: 0, descending: false },
            Some(text) => {
                let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
                let column = names.iter().position(|n| *n == name);
                let column = column
                    .ok_or_else(|| Fault::field("sort", format!("one of {}, or with - before it", names.join(", "))))?;
                Sort { column, descending }
            }
        };
        if part.q.is_some_and(|q| q.chars().count() > MOST_LETTERS) {
            return Err(Fault::field("q", format!("at most {MOST_LETTERS} characters")));
        }
        let limit = part.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            return Err(Fault::field("limit", format!("from 1 to {MOST}")));
        }
        let offset = match part.cursor {
            None => 0,
            Some(text) => {
                let offset = text.strip_prefix('o').and_then(|n| i64::from_str_radix(n, 36).ok());
                offset
                    .filter(|n| (0..=1_000_000).contains(n))
                    .ok_or_else(|| Fault::field("cursor", "not one that was given out here"))?
            }
        };
        let page = if file.is_some() { Page { limit: MOST_CSV, offset: 0 } } else { Page { limit, offset } };
        let columns = part.columns.map(|names| names.split(',').map(|n| n.trim().to_owned()).collect());
        Ok(Self { page, sort, file, columns })
    }

    /// Whether it is answered as a file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.file.is_some()
    }

    /// The answer.
    ///
    /// # Errors
    /// 422 if a file would have more rows than it may, or a column that there is not.
    pub async fn answer<T: Item + Send + 'static>(
        self,
        name: &'static str,
        items: Vec<T>,
        total: i64,
        facets: BTreeMap<&'static str, BTreeMap<String, i64>>,
    ) -> Result<HttpResponse, Fault> {
        let columns: Vec<&'static str> = match &self.columns {
            None => T::COLUMNS.to_vec(),
            Some(names) => names
                .iter()
                .map(|name| T::COLUMNS.iter().find(|c| **c == name.as_str()).copied())
                .collect::<Option<_>>()
                .ok_or_else(|| Fault::field("columns", format!("some of {}", T::COLUMNS.join(", "))))?,
        };
        if let Some(file) = self.file {
            // Half a list that looks like a whole one is worse than none.
            if total > MOST_CSV {
                return Err(Csv::too_long(MOST_CSV));
            }
            return match file {
                File::Csv => {
                    let csv = web::block(move || table(&items, &columns)).await.map_err(Fault::internal)??;
                    csv.answer(&format!("{name}.csv"))
                }
                File::Xlsx => {
                    let rows = move || sheet::table(name, &columns, &objects(&items)?);
                    let octets = web::block(rows).await.map_err(Fault::internal)??;
                    Ok(sheet::answer(&format!("{name}.xlsx"), octets))
                }
            };
        }
        let end = self.page.offset + i64::try_from(items.len()).unwrap_or(0);
        let next = (end < total && !items.is_empty()).then(|| format!("o{}", base36(end)));
        let mut body = Map::new();
        body.insert("items".to_owned(), serde_json::to_value(&items).map_err(Fault::internal)?);
        body.insert("total".to_owned(), Value::from(total));
        body.insert("next_cursor".to_owned(), Value::from(next));
        if !facets.is_empty() {
            body.insert("facets".to_owned(), serde_json::to_value(facets).map_err(Fault::internal)?);
        }
        Ok(json(&Value::Object(body)))
    }
}

fn table<T: Item>(items: &[T], columns: &[&'static str]) -> Result<Csv, Fault> {
    let mut csv = Csv::new(columns)?;
    for item in items {
        let object = serde_json::to_value(item).map_err(Fault::internal)?;
        let cells: Vec<String> = columns.iter().map(|c| cell(object.get(*c))).collect();
        csv.row(&cells)?;
    }
    Ok(csv)
}

fn objects<T: Item>(items: &[T]) -> Result<Vec<Value>, Fault> {
    items.iter().map(|item| serde_json::to_value(item).map_err(Fault::internal)).collect()
}

/// A value as a file has it.
pub(super) fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(|i| cell(Some(i))).collect::<Vec<_>>().join(" "),
        Some(other) => other.to_string(),
    }
}

fn base36(mut n: i64) -> String {
    let mut out = Vec::new();
    loop {
        let digit = u32::try_from(n % 36).ok().and_then(|d| char::from_digit(d, 36)).unwrap_or('0');
        out.push(digit);
        n /= 36;
        if n == 0 {
            return out.into_iter().rev().collect();
        }
    }
}

/// An answer in JSON.
#[must_use]
pub fn json<T: Serialize>(body: &T) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}

/// An answer in JSON with the state of what it shows.
#[must_use]
pub fn tagged<T: Serialize>(revision: i32, body: &T) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::ETAG, format!("\"r{revision}\"")))
        .json(body)
}

/// The revision that a change was made on.
///
/// # Errors
/// 428 if the request does not say, 412 if it says what no state of ours is.
pub fn if_match(request: &HttpRequest) -> Result<i32, Fault> {
    let text = request.headers().get(header::IF_MATCH).ok_or(Kind::Unconditional)?.to_str().unwrap_or_default();
    let inner = text.trim().strip_prefix("\"r").and_then(|t| t.strip_suffix('"'));
    inner.and_then(|n| n.parse().ok()).ok_or_else(|| Kind::Stale.into())
}

/// Something that was made.
#[derive(Debug, ToSchema)]
pub struct Made {
    /// Its id.
    pub id: Uuid,
}

/// The answer of a creation, [`Made`], for [`once`].
#[must_use]
pub fn made(id: Uuid) -> (u16, Value) {
    (201, json!({ "id": id }))
}

/// Does the work of a creation once for each `Idempotency-Key`.
///
/// # Errors
/// 409 if the key came with another request, or its work is being done at this moment; and what the work says.
pub async fn once<W, F>(
    context: &Context,
    actor: &Actor,
    request: &HttpRequest,
    body: &web::Bytes,
    work: W,
) -> Result<HttpResponse, Fault>
where
    W: FnOnce() -> F,
    F: Future<Output = Result<(u16, Value), Fault>>,
{
    let answer = |status: u16, body: String| {
        let status = actix_web::http::StatusCode::from_u16(status).unwrap_or_default();
        HttpResponse::build(status)
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .content_type("application/json")
            .body(body)
    };
    let Some(key) = request.headers().get("idempotency-key") else {
        let (status, body) = work().await?;
        return Ok(answer(status, body.to_string()));
    };
    let key = key.to_str().ok().filter(|k| (1..=200).contains(&k.len()));
    let key = key.ok_or_else(|| Fault::field("Idempotency-Key", "from 1 to 200 printable characters"))?;
    let (head, octets) = (format!("{} {}", request.method(), request.uri()), body.clone());
    let hash = move || Sha256::new().chain_update(head).chain_update(octets).finalize();
    let hash = if body.len() > LONG { web::block(hash).await.map_err(Fault::internal)? } else { hash() };
    let taken = |reason: &str| Fault {
        kind: Kind::Conflict,
        cause: String::new(),
        fields: vec![("Idempotency-Key".to_owned(), reason.to_owned())],
    };
    let (user, store) = (actor.login().id, &context.store);
    match store.claim_key(user, key, &hash, context.clock.now()).await? {
        Claim::Done(status, body) => return Ok(answer(status, body)),
        Claim::Other => return Err(taken("it came with another request before")),
        Claim::Running => return Err(taken("the same request is being worked on at this moment")),
        Claim::New => {}
    }
    match work().await {
        Ok((status, body)) => {
            // A secret is shown once: who asks again with the same key gets the answer without it.
            let mut kept = body.clone();
            without_passwords(&mut kept);
            store.settle_key(user, key, Some((status, &kept.to_string()))).await?;
            Ok(answer(status, body.to_string()))
        }
        Err(fault) => {
            // What failed may be sent again, corrected or later.
            store.settle_key(user, key, None).await?;
            Err(fault)
        }
    }
}

fn without_passwords(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("password");
            fields.values_mut().for_each(without_passwords);
        }
        Value::Array(items) => items.iter_mut().for_each(without_passwords),
        _ => {}
    }
}

/// Declares the query of a list: its own filters beside those that every list has. Unknown ones are refused.
#[macro_export]
macro_rules! list_query {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            /// Text to be found.
            #[param(max_length = 300)]
            q: Option<String>,
            $($(#[$field_meta])* $field: Option<$type>,)*
            /// Column to sort by; with `-` before it from the largest.
            sort: Option<String>,
            /// Rows on the page.
            #[param(minimum = 1, maximum = 500)]
            limit: Option<i64>,
            /// `next_cursor` of the page before.
            cursor: Option<String>,
            /// `json`, `csv` or `xlsx`; without it `Accept` decides.
            format: Option<String>,
            /// Fields that a file has, in that order, with commas between them; without it all.
            columns: Option<String>,
        }

        impl $name {
            fn part(&self) -> $crate::http::api::Part<'_> {
                $crate::http::api::Part {
                    q: self.q.as_deref(),
                    sort: self.sort.as_deref(),
                    limit: self.limit,
                    cursor: self.cursor.as_deref(),
                    format: self.format.as_deref(),
                    columns: self.columns.as_deref(),
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_list_says_which_parameter_is_wrong() {
        let request = TestRequest::default().to_http_request();
        let none = Part { q: None, sort: None, limit: None, cursor: None, format: None, columns: None };
        let wrong = |part: Part<'_>| Listing::read(&request, part, &["name"]).unwrap_err().fields[0].0.clone();
        assert_eq!(wrong(Part { sort: Some("size"), ..none }), "sort");
        assert_eq!(wrong(Part { limit: Some(0), ..none }), "limit");
        assert_eq!(wrong(Part { cursor: Some("x"), ..none }), "cursor");
        assert_eq!(wrong(Part { format: Some("xml"), ..none }), "format");
        let read =
            Listing::read(&request, Part { sort: Some("-name"), cursor: Some("o1e"), ..none }, &["name"]).unwrap();
        assert_eq!((read.page.offset, read.sort.descending), (50, true));
        assert_eq!(base36(50), "1e");
    }
}
