//! Who may do what: roles and the actions that they have. On which rows, says the store's `Scope`.

use serde::Serialize;

/// What a login is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything, logins included.
    Admin,
    /// Everything but logins and money.
    Operator,
    /// Customers and money; reads the rest.
    Billing,
}

impl Role {
    /// Its name in the database and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Billing => "billing",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Admin, Self::Operator, Self::Billing].into_iter().find(|role| role.as_str() == text)
    }

    /// Whether the role has an action.
    #[must_use]
    pub fn may(self, action: Action) -> bool {
        match action {
            Action::Read => true,
            Action::EditZones | Action::ImportPapers => matches!(self, Self::Admin | Self::Operator),
        }
    }
}

/// Something that a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Look at anything that belongs to customers.
    Read,
    /// Change, publish and restore zones.
    EditZones,
    /// Take over an old provider's papers.
    ImportPapers,
}
