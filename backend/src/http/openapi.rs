//! The API's document (OpenAPI 3.1), made from the table of routes: what is not in it, is not there.

use super::routes::{Access, Route};
use actix_web::http::Method;
use std::collections::BTreeMap;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        ComponentsBuilder, Content, HttpMethod, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem,
        PathsBuilder, Ref, RefOr, Required, ResponseBuilder, Schema, SecurityRequirement,
        header::HeaderBuilder,
        path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        schema::{ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

type Named = fn(&mut BTreeMap<String, RefOr<Schema>>) -> RefOr<Schema>;

fn add<T: ToSchema>(schemas: &mut BTreeMap<String, RefOr<Schema>>) -> RefOr<Schema> {
    let name = T::name().into_owned();
    if !schemas.contains_key(&name) {
        let mut nested = Vec::new();
        T::schemas(&mut nested);
        schemas.extend(nested);
        schemas.insert(name.clone(), T::schema());
    }
    RefOr::Ref(Ref::from_schema_name(name))
}

/// A page of a list: `{items, total, next_cursor, facets}`.
fn page_of<T: ToSchema>(schemas: &mut BTreeMap<String, RefOr<Schema>>) -> RefOr<Schema> {
    let item = add::<T>(schemas);
    let name = format!("{}List", T::name());
    let count = || ObjectBuilder::new().schema_type(Type::Integer);
    let facet = ObjectBuilder::new().schema_type(Type::Object).additional_properties(Some(count()));
    let list = ObjectBuilder::new()
        .property("items", ArrayBuilder::new().items(item))
        .property("total", count().description(Some("Rows in all pages")))
        .property(
            "next_cursor",
            ObjectBuilder::new()
                .schema_type(utoipa::openapi::schema::SchemaType::from_iter([Type::String, Type::Null]))
                .description(Some("Send it as `cursor` for the next page; null on the last")),
        )
        .property("facets", ObjectBuilder::new().schema_type(Type::Object).additional_properties(Some(facet)))
        .required("items")
        .required("total")
        .required("next_cursor");
    schemas.insert(name.clone(), Schema::Object(list.build()).into());
    RefOr::Ref(Ref::from_schema_name(name))
}

#[derive(Debug, Clone)]
enum Answer {
    Nothing,
    Json(Named),
    Text(&'static str),
}

/// What the document says of an operation.
#[derive(Debug, Clone)]
pub struct Doc {
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    params: Option<fn() -> Vec<Parameter>>,
    body: Option<Named>,
    octets: bool,
    answers: Vec<(u16, Answer)>,
    versioned: bool,
    idempotent: bool,
    csv: bool,
}

impl Doc {
    /// Of the operation `id`, under the heading `tag`.
    #[must_use]
    pub fn new(id: &'static str, tag: &'static str, summary: &'static str) -> Self {
        Self {
            id,
            tag,
            summary,
            params: None,
            body: None,
            octets: false,
            answers: Vec::new(),
            versioned: false,
            idempotent: false,
            csv: false,
        }
    }

    /// Takes these in its query.
    #[must_use]
    pub fn query<T: IntoParams>(mut self) -> Self {
        self.params = Some(|| T::into_params(|| Some(ParameterIn::Query)));
        self
    }

    /// Takes this as its body.
    #[must_use]
    pub fn body<T: ToSchema>(mut self) -> Self {
        self.body = Some(add::<T>);
        self
    }

    /// Takes a file as its body.
    #[must_use]
    pub fn octets(mut self) -> Self {
        self.octets = true;
        self
    }

    /// Answers this.
    #[must_use]
    pub fn answers<T: ToSchema>(mut self, status: u16) -> Self {
        self.answers.push((status, Answer::Json(add::<T>)));
        self
    }

    /// Answers a page of a list, or all of it as CSV.
    #[must_use]
    pub fn lists<T: ToSchema>(mut self) -> Self {
        self.answers.push((200, Answer::Json(page_of::<T>)));
        self.csv = true;
        self
    }

    /// Answers without a body.
    #[must_use]
    pub fn empty(mut self, status: u16) -> Self {
        self.answers.push((status, Answer::Nothing));
        self
    }

    /// Answers text of that kind.
    #[must_use]
    pub fn text(mut self, content_type: &'static str) -> Self {
        self.answers.push((200, Answer::Text(content_type)));
        self
    }

    /// Has to say on which state the change was made: `If-Match` with the `ETag` that was read.
    #[must_use]
    pub fn versioned(mut self) -> Self {
        self.versioned = true;
        self
    }

    /// The heading that it stands under.
    #[must_use]
    pub fn tag(&self) -> &'static str {
        self.tag
    }

    /// What it does.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.summary
    }

    /// Names of its query's parameters.
    #[must_use]
    pub fn query_names(&self) -> Vec<String> {
        self.params.map(|make| make()).unwrap_or_default().into_iter().map(|p| p.name).collect()
    }

    /// Whether it needs `If-Match`.
    #[must_use]
    pub fn is_versioned(&self) -> bool {
        self.versioned
    }

    /// Whether it takes an `Idempotency-Key`.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.idempotent
    }

    /// Takes an `Idempotency-Key`.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }
}

/// An answer that is an error (RFC 9457).
#[derive(Debug, serde::Serialize, ToSchema)]
pub struct Problem {
    /// What kind of problem: stable, to be compared.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The status again.
    pub status: u16,
    /// What to do about it.
    pub detail: String,
    /// Number of the request, to be quoted.
    pub request_id: String,
    /// What is wrong with single fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// What is wrong with a field.
#[derive(Debug, serde::Serialize, ToSchema)]
pub struct FieldProblem {
    /// The field.
    pub field: String,
    /// What is wrong.
    pub detail: String,
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn header(name: &str, required: bool, text: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(if required { Required::True } else { Required::False })
        .description(Some(text))
        .schema(Some(string()))
        .build()
}

/// The variables of a pattern. Ids are UUIDs, unless their name says that they count something.
fn path_params(pattern: &str) -> Vec<Parameter> {
    pattern
        .split('{')
        .skip(1)
        .filter_map(|part| part.split('}').next())
        .map(|name| {
            let name = name.split(':').next().unwrap_or(name);
            let schema = match name {
                "record" | "entry" => ObjectBuilder::new()
                    .schema_type(Type::Integer)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64))),
                "number" => ObjectBuilder::new()
                    .schema_type(Type::Integer)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32))),
                _ => string().format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))),
            };
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(schema))
                .build()
        })
        .collect()
}

fn operation(route: &Route, doc: &Doc, schemas: &mut BTreeMap<String, RefOr<Schema>>) -> OperationBuilder {
    let mut operation = OperationBuilder::new().operation_id(Some(doc.id)).tag(doc.tag).summary(Some(doc.summary));
    if let Access::May(action) = route.access {
        operation = operation.description(Some(format!("Needs the action `{}`.", action.as_str())));
    }
    let mut params = path_params(route.path);
    params.extend(doc.params.map(|make| make()).unwrap_or_default());
    if doc.versioned {
        params.push(header("If-Match", true, "The ETag of the state that the change was made on"));
    }
    if doc.idempotent {
        params.push(header("Idempotency-Key", false, "The same key and body again get the first answer, for a day"));
    }
    operation = operation.parameters(Some(params));
    if let Some(body) = doc.body {
        let content = Content::new(Some(body(schemas)));
        operation = operation.request_body(Some(
            RequestBodyBuilder::new().required(Some(Required::True)).content("application/json", content).build(),
        ));
    }
    if doc.octets {
        let file = Content::new(Some(string().format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))));
        operation = operation.request_body(Some(
            RequestBodyBuilder::new().required(Some(Required::True)).content("application/octet-stream", file).build(),
        ));
    }
    for (status, answer) in &doc.answers {
        let mut response = ResponseBuilder::new().description(match status {
            201 => "Made",
            202 => "Accepted: a job does it",
            204 => "Done",
            _ => "The answer",
        });
        match answer {
            Answer::Nothing => {}
            Answer::Json(schema) => {
                response = response.content("application/json", Content::new(Some(schema(schemas))));
                if doc.csv {
                    response = response.content("text/csv", Content::new(Some(string())));
                }
            }
            Answer::Text(kind) => response = response.content(*kind, Content::new(Some(string()))),
        }
        if doc.versioned || doc.id.starts_with("get_") {
            let tag = HeaderBuilder::new().schema(Some(string())).description(Some("State of the thing")).build();
            response = response.header("ETag", tag);
        }
        operation = operation.response(status.to_string(), response);
    }
    let problem = Content::new(Some(add::<Problem>(schemas)));
    operation = operation.response(
        "default",
        ResponseBuilder::new().description("A problem (RFC 9457)").content("application/problem+json", problem),
    );
    if route.access == Access::Public {
        return operation.securities(Some(Vec::<SecurityRequirement>::new()));
    }
    operation
        .security(SecurityRequirement::new("token", Vec::<String>::new()))
        .security(SecurityRequirement::new("session", Vec::<String>::new()))
}

/// The document of these routes.
#[must_use]
pub fn document(routes: &[Route]) -> OpenApi {
    let mut schemas = BTreeMap::new();
    let mut paths = PathsBuilder::new();
    for route in routes {
        let Some(doc) = &route.doc else { continue };
        let method = match route.method {
            Method::POST => HttpMethod::Post,
            Method::PUT => HttpMethod::Put,
            Method::PATCH => HttpMethod::Patch,
            Method::DELETE => HttpMethod::Delete,
            _ => HttpMethod::Get,
        };
        paths = paths.path(route.path, PathItem::new(method, operation(route, doc, &mut schemas)));
    }
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme("token", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()))
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(super::visit::SESSION))))
        .build();
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Hostler")
                .version("1")
                .description(Some(
                    "For automation. Lists take `q`, filters, `sort`, `limit` and `cursor`; changes take `If-Match`; \
                     creations take `Idempotency-Key`; errors are problem+json.",
                ))
                .license(Some(LicenseBuilder::new().name("Apache-2.0 OR MIT").build()))
                .build(),
        )
        .paths(paths)
        .components(Some(components))
        .build()
}
