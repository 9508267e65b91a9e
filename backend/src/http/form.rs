//! Forms as they are sent, and fields that are wrong.

use super::fault::{Fault, Kind};
use actix_web::http::StatusCode;
use hostler_store::StoreError;
use hostler_web::{i18n::Lang, ui::form::FieldErrors};

/// Fields and what is wrong with each.
pub type Wrong = Vec<(&'static str, String)>;

/// Fields of a form, in which one may come several times.
pub struct Form(pub Vec<(String, String)>);

impl Form {
    /// Reads a query or a body in the encoding of forms.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(serde_urlencoded::from_str(text).unwrap_or_default())
    }

    /// The first value of that name; empty if there is none.
    #[must_use]
    pub fn one(&self, name: &str) -> String {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default()
    }

    /// As [`Self::one`], cut where nobody types that much.
    #[must_use]
    pub fn short(&self, name: &str) -> String {
        self.one(name).chars().take(600).collect()
    }

    /// All values of that name.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect()
    }

    /// Whether there is one of that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// The state that it was made on.
    #[must_use]
    pub fn revision(&self) -> i32 {
        self.one("revision").parse().unwrap_or(0)
    }

    /// Words, by lines, commas or blanks.
    #[must_use]
    pub fn words(&self, name: &str) -> Vec<String> {
        let text = self.one(name);
        text.split([',', ';', ' ', '\t', '\r', '\n']).filter(|t| !t.is_empty()).map(str::to_owned).collect()
    }
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Fields and what is wrong with them.
    #[error("fields: {0:?}")]
    Fields(Wrong),
    /// The store refused.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// A fault of ours.
    #[error("{0}")]
    Internal(String),
}

impl Refused {
    /// One field is wrong.
    pub fn field(name: &'static str, reason: impl Into<String>) -> Self {
        Self::Fields(vec![(name, reason.into())])
    }

    /// The same of a way back that nobody typed: what is wrong stands in its way.
    #[must_use]
    pub fn in_the_way(self) -> Fault {
        match self {
            Self::Fields(_) => Fault { kind: Kind::Conflict, ..self.into() },
            other => other.into(),
        }
    }

    /// The same form again: its status, and what is said at its fields.
    ///
    /// # Errors
    /// What no form can tell.
    pub fn told(self, lang: Lang) -> Result<(StatusCode, FieldErrors), Fault> {
        match self {
            Self::Fields(fields) => {
                let told = fields.iter().map(|(name, reason)| (*name, lang.reason(reason))).collect();
                Ok((StatusCode::UNPROCESSABLE_ENTITY, told))
            }
            Self::Store(StoreError::Stale) => {
                let text = lang.t("error-stale-plain").to_owned();
                Ok((StatusCode::PRECONDITION_FAILED, FieldErrors::from([("", text)])))
            }
            other => Err(other.into()),
        }
    }
}

impl From<Refused> for Fault {
    fn from(error: Refused) -> Self {
        match error {
            Refused::Fields(fields) => Self::named(fields),
            Refused::Store(error) => error.into(),
            Refused::Internal(cause) => Self::internal(cause),
        }
    }
}
