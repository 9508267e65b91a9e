//! The proof that somebody may ask.

use crate::{mailbox_owner::MailboxSession, sessions::Session, tokens::TokenLogin};
use uuid::Uuid;

/// Which rows there are for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All: the staff and this machine.
    Everything,
    /// Those of a reseller's customers.
    Reseller(Uuid),
    /// Those of one customer.
    Customer(Uuid),
    /// One mailbox and what belongs to it: its owner.
    Mailbox(Uuid),
    /// None: somebody who is not logged in yet, with a link from a mail at most.
    Nothing,
}

/// Who asks, and so which rows there are.
///
/// Made from a live session or token, for a job on behalf of who asked for it, for the command line and the workers in
/// the name of the machine, or for a person's own account, which reaches no row of a customer. Every [`crate::View`] and [`crate::Tx`] carries it into the database, where row-level security narrows
/// each statement to its reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    actor: String,
    via: Option<String>,
    user: Option<Uuid>,
    reach: Reach,
    read_only: bool,
    address: Option<String>,
    request_id: Option<String>,
}

impl Scope {
    /// Of a live session: the person's own reach, or the customer's that it is viewed as.
    #[must_use]
    pub fn for_session(session: &Session, request_id: &str, address: &str) -> Self {
        let login = session.login();
        let (reach, via, read_only) = match session.acting() {
            Some(acting) => {
                (Reach::Customer(acting.customer_id), Some(format!("as {}", acting.number)), !acting.writes)
            }
            None => (login.reach(), None, false),
        };
        Self {
            actor: login.email.clone(),
            via,
            user: Some(login.id),
            reach,
            read_only,
            address: Some(address.to_owned()),
            request_id: Some(request_id.to_owned()),
        }
    }

    /// Of a token.
    #[must_use]
    pub fn for_token(token: &TokenLogin, request_id: &str, address: &str) -> Self {
        let login = token.login();
        Self {
            actor: login.email.clone(),
            via: Some(format!("token {}", token.name())),
            user: Some(login.id),
            reach: login.reach(),
            read_only: false,
            address: Some(address.to_owned()),
            request_id: Some(request_id.to_owned()),
        }
    }

    /// Of a mailbox's owner: that mailbox, and nothing else.
    #[must_use]
    pub fn for_mailbox(session: &MailboxSession, request_id: &str, address: &str) -> Self {
        Self {
            actor: session.address().to_owned(),
            via: Some("mailbox".to_owned()),
            user: None,
            reach: Reach::Mailbox(session.mailbox()),
            read_only: false,
            address: Some(address.to_owned()),
            request_id: Some(request_id.to_owned()),
        }
    }

    /// Around a mailbox, to judge where its owner's forwards lead: what its customer sees, and nothing of it is changed.
    #[must_use]
    pub fn around_mailbox(session: &MailboxSession) -> Self {
        Self {
            read_only: true,
            reach: session.customer().map_or(Reach::Everything, Reach::Customer),
            ..Self::for_machine("mailbox")
        }
    }

    /// Of this machine: `name` says which part of it (a command, a job) and stands in the audit log.
    #[must_use]
    pub fn for_machine(name: &str) -> Self {
        Self {
            actor: format!("({name})"),
            via: None,
            user: None,
            reach: Reach::Everything,
            read_only: false,
            address: None,
            request_id: None,
        }
    }

    /// Of a person in what is their own and no customer's: proven by a session, or by a link from a mail. Without a
    /// login, of whoever asks for one; `name` stands in the audit log.
    #[must_use]
    pub fn for_person(user: Option<Uuid>, name: &str, request_id: &str, address: &str) -> Self {
        Self {
            actor: name.to_owned(),
            via: None,
            user,
            reach: Reach::Nothing,
            read_only: false,
            address: Some(address.to_owned()),
            request_id: Some(request_id.to_owned()),
        }
    }

    /// For work that goes on after the request: a job that somebody of this scope asked for.
    #[must_use]
    pub fn for_job_of(&self) -> JobScope {
        JobScope { actor: self.actor.clone(), via: self.via.clone(), user: self.user, reach: self.reach.into() }
    }

    /// Of a job, on behalf of who asked for it. The caller has looked up that this person may still do it.
    #[must_use]
    pub fn of_job(job: &JobScope) -> Self {
        Self {
            actor: job.actor.clone(),
            via: job.via.clone(),
            user: job.user,
            reach: job.reach.into(),
            read_only: false,
            address: None,
            request_id: None,
        }
    }

    /// Who acts, as the audit log has it.
    #[must_use]
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Through whom or what.
    #[must_use]
    pub fn via(&self) -> Option<&str> {
        self.via.as_deref()
    }

    /// The login, unless it is a machine.
    #[must_use]
    pub fn user(&self) -> Option<Uuid> {
        self.user
    }

    /// Which rows.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Whether all rows are there.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.reach == Reach::Everything
    }

    /// Whether nothing may be changed: a customer is only looked at.
    #[must_use]
    pub fn read_only(&self) -> bool {
        self.read_only
    }

    /// Where the request came from.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// The request that this belongs to.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The statement that begins a transaction of this scope. Only ids are in it, which are hexadecimal digits.
    pub(crate) fn begin(&self, write: bool) -> String {
        // What is read for a page is of one moment.
        let mut sql =
            format!("begin {}; ", if write { "read write" } else { "isolation level repeatable read read only" });
        sql.push_str(match self.reach {
            Reach::Everything => "set local role hostler_staff",
            Reach::Reseller(_) | Reach::Customer(_) => "set local role hostler_tenant",
            Reach::Mailbox(_) => "set local role hostler_mailbox",
            Reach::Nothing => "",
        });
        match self.reach {
            Reach::Everything | Reach::Nothing => {}
            Reach::Reseller(id) => sql.push_str(&format!("; set local hostler.reseller = '{id}'")),
            Reach::Customer(id) => sql.push_str(&format!("; set local hostler.customer = '{id}'")),
            Reach::Mailbox(id) => sql.push_str(&format!("; set local hostler.mailbox = '{id}'")),
        }
        sql
    }
}

/// A scope as a job's payload keeps it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct JobScope {
    actor: String,
    via: Option<String>,
    user: Option<Uuid>,
    reach: JobReach,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum JobReach {
    Everything,
    Reseller(Uuid),
    Customer(Uuid),
}

impl JobScope {
    /// The login that asked, unless it was a machine.
    #[must_use]
    pub fn user(&self) -> Option<Uuid> {
        self.user
    }
}

impl From<Reach> for JobReach {
    fn from(reach: Reach) -> Self {
        match reach {
            Reach::Everything => Self::Everything,
            Reach::Reseller(id) => Self::Reseller(id),
            // Nobody without a login can ask for a job; if somebody could, it would find nothing.
            Reach::Nothing | Reach::Mailbox(_) => Self::Customer(Uuid::nil()),
            Reach::Customer(id) => Self::Customer(id),
        }
    }
}

impl From<JobReach> for Reach {
    fn from(reach: JobReach) -> Self {
        match reach {
            JobReach::Everything => Self::Everything,
            JobReach::Reseller(id) => Self::Reseller(id),
            JobReach::Customer(id) => Self::Customer(id),
        }
    }
}
