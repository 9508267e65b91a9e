//! Who may do what: roles and the actions that they have. On which rows, says the store's `Scope`.

mod action;

pub use action::Action;

use serde::{Deserialize, Serialize};

/// What a login is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Staff: everything, logins of the staff included.
    Admin,
    /// Staff: everything but the staff's logins.
    Operator,
    /// Staff: customers and money; reads the rest.
    Billing,
    /// A reseller: what belongs to its customers.
    Reseller,
    /// A customer: everything of its own, logins included.
    Owner,
    /// A customer: its domains, homepages and mail.
    Member,
    /// A customer: its data and its invoices.
    Payer,
}

/// On which side of the counter somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The provider.
    Staff,
    /// A reseller.
    Reseller,
    /// A customer.
    Customer,
}

impl Role {
    /// All of them, from the most to the least.
    pub const ALL: [Self; 7] =
        [Self::Admin, Self::Operator, Self::Billing, Self::Reseller, Self::Owner, Self::Member, Self::Payer];

    /// Its name in the database and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Billing => "billing",
            Self::Reseller => "reseller",
            Self::Owner => "owner",
            Self::Member => "member",
            Self::Payer => "payer",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// On which side it is.
    #[must_use]
    pub fn side(self) -> Side {
        match self {
            Self::Admin | Self::Operator | Self::Billing => Side::Staff,
            Self::Reseller => Side::Reseller,
            Self::Owner | Self::Member | Self::Payer => Side::Customer,
        }
    }

    /// Whether the role has an action.
    #[must_use]
    pub fn may(self, action: Action) -> bool {
        action.roles().contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        for action in Action::ALL {
            assert_eq!(Action::parse(action.as_str()), Some(action));
        }
        assert_eq!(Role::parse("Admin"), None, "names are exact");
    }

    #[test]
    fn the_admin_may_everything_and_nobody_else_makes_staff() {
        for action in Action::ALL {
            assert!(Role::Admin.may(action), "{}", action.as_str());
        }
        for role in Role::ALL {
            assert_eq!(role.may(Action::ManageStaff), role == Role::Admin);
        }
    }
}
