//! The proof that somebody may ask.

use crate::users::Login;
use hostler_core::access::Role;

/// Who asks, and so which rows there are.
///
/// Made from a live session or, for the command line and the workers, in the name of the machine. Staff see all rows;
/// scopes of resellers and customers will narrow every [`crate::View`] and [`crate::Tx`] through row-level security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    actor: String,
    role: Option<Role>,
    request_id: Option<String>,
}

impl Scope {
    /// Of a logged-in member of the staff.
    #[must_use]
    pub fn for_staff(login: &Login, request_id: &str) -> Self {
        Self { actor: login.email.clone(), role: Some(login.role), request_id: Some(request_id.to_owned()) }
    }

    /// Of this machine: `name` says which part of it (a command, a job) and stands in the audit log.
    #[must_use]
    pub fn for_machine(name: &str) -> Self {
        Self { actor: format!("({name})"), role: None, request_id: None }
    }

    /// Who acts, as the audit log has it.
    #[must_use]
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// The request that this belongs to.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}
