//! What a handler answers when it cannot do what was asked.
//!
//! A handler returns a [`Fault`]; it carries no text for people. The middleware makes of it a page in the visitor's
//! language, or problem+json (RFC 9457) for `/api`. Field errors of a form are no faults: the handler shows the form again.

use actix_web::{HttpResponse, ResponseError, body::BoxBody, http::StatusCode};
use hostler_store::StoreError;

/// Kinds of faults, each with its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 404: nothing there for this visitor.
    NotFound,
    /// 403: the role does not have the action.
    Forbidden,
    /// 403: the request comes from another site.
    Origin,
    /// 412: changed by someone else.
    Stale,
    /// 413: larger than is taken.
    TooLarge,
    /// 400: something is missing.
    BadRequest,
    /// 500: a fault of ours.
    Internal,
    /// 303 to the login; 401 for the API.
    Login,
    /// 303 to the log-in of mailboxes.
    MailboxLogin,
    /// 303 to where the second factor is asked for or set up.
    SecondFactor,
    /// 403: a customer is only looked at.
    ReadOnly,
    /// 405: not with this method.
    Method,
    /// 409: it would be there twice, or is in use.
    Conflict,
    /// 422: fields are wrong.
    Invalid,
    /// 428: the request does not say which state it was made on.
    Unconditional,
    /// 429: too many.
    TooMany,
}

impl Kind {
    /// Its status.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::Origin | Self::ReadOnly => StatusCode::FORBIDDEN,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Login | Self::MailboxLogin | Self::SecondFactor => StatusCode::SEE_OTHER,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unconditional => StatusCode::PRECONDITION_REQUIRED,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    /// The fault that a bare status of the framework stands for.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::Method,
            status if status.is_client_error() => Self::BadRequest,
            _ => Self::Internal,
        }
    }

    /// Its name in problem+json, and in the keys of its texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Login | Self::MailboxLogin | Self::SecondFactor => "unauthorized",
            Self::ReadOnly => "read-only",
            Self::Method => "method",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
            Self::Unconditional => "unconditional",
            Self::TooMany => "too-many",
            Self::Forbidden => "forbidden",
            Self::Origin => "origin",
            Self::Stale => "stale",
            Self::TooLarge => "too-large",
            Self::BadRequest => "bad-request",
            Self::Internal => "internal",
        }
    }
}

/// Fields of a request with what is wrong with each.
pub type Fields = Vec<(String, String)>;

/// A fault with its cause, which only the log sees.
#[derive(Debug, thiserror::Error)]
#[error("{kind:?}: {cause}")]
pub struct Fault {
    /// What the visitor is told.
    pub kind: Kind,
    /// What the operator is told.
    pub cause: String,
    /// What the API's visitor is told of each field.
    pub fields: Fields,
}

impl Fault {
    /// A fault of ours.
    pub fn internal(cause: impl ToString) -> Self {
        Self { kind: Kind::Internal, cause: cause.to_string(), fields: Vec::new() }
    }

    /// Fields are wrong.
    #[must_use]
    pub fn invalid(fields: Fields) -> Self {
        Self { kind: Kind::Invalid, cause: String::new(), fields }
    }

    /// Fields of a form or a body are wrong.
    #[must_use]
    pub fn named(fields: Vec<(&'static str, String)>) -> Self {
        Self::invalid(fields.into_iter().map(|(name, reason)| (name.to_owned(), reason)).collect())
    }

    /// One field is wrong.
    #[must_use]
    pub fn field(name: &str, reason: impl Into<String>) -> Self {
        Self::invalid(vec![(name.to_owned(), reason.into())])
    }
}

impl From<Kind> for Fault {
    fn from(kind: Kind) -> Self {
        Self { kind, cause: String::new(), fields: Vec::new() }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::NotFound => Kind::NotFound,
            StoreError::Stale => Kind::Stale,
            StoreError::ReadOnly => Kind::ReadOnly,
            StoreError::Value(_) => Kind::BadRequest,
            StoreError::Busy(_) => Kind::Conflict,
            _ => Kind::Internal,
        };
        Self { kind, cause: error.to_string(), fields: Vec::new() }
    }
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(Mark {
            kind: self.kind,
            cause: self.cause.clone(),
            fields: self.fields.clone(),
        });
        response
    }
}

/// What the middleware finds in the answer.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) kind: Kind,
    pub(super) cause: String,
    pub(super) fields: Fields,
}
