//! The actions, and which roles have them. `backend/tests/api/access.txt` shows what follows for every route.

use super::Role;
use Role::{Admin, Billing, Member, Operator, Owner, Payer, Reseller};

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $read:literal, [$($role:ident),+];)+) => {
        /// Something that a person does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($(#[doc = $doc])+ $name),+ }

        impl Action {
            /// All of them.
            pub const ALL: [Self; [$(Self::$name),+].len()] = [$(Self::$name),+];

            /// Its name in tokens and the API.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// Whether it only looks. Who may not look at something is told that it is not there.
            #[must_use]
            pub fn is_read(self) -> bool {
                match self { $(Self::$name => $read),+ }
            }

            /// The roles that have it.
            #[must_use]
            pub fn roles(self) -> &'static [Role] {
                match self { $(Self::$name => &[$($role),+]),+ }
            }
        }
    };
}

actions! {
    /// Look at customers: all of them, a reseller's, or oneself.
    ReadCustomers = "customers.read", true, [Admin, Operator, Billing, Reseller, Owner, Member, Payer];
    /// Change customers' data.
    EditCustomers = "customers.edit", false, [Admin, Operator, Billing];
    /// Look at the panel with a customer's eyes.
    ViewAs = "customers.view_as", false, [Admin, Operator, Reseller];
    /// Look at domains, zones, homepages and mailboxes.
    ReadHosting = "hosting.read", true, [Admin, Operator, Billing, Reseller, Owner, Member];
    /// Change, publish and restore zones.
    EditZones = "zones.edit", false, [Admin, Operator, Reseller, Owner, Member];
    /// Make new zones, and change the templates of new ones.
    CreateZones = "zones.create", false, [Admin, Operator];
    /// Make, change and give up mailboxes and aliases.
    EditMail = "mail.edit", false, [Admin, Operator, Reseller, Owner, Member];
    /// Name the mail servers, and say on which of them mailboxes live.
    ServeMail = "mail.servers", false, [Admin, Operator];
    /// Say what becomes of homepages, and write to their customers.
    DecideHomepages = "homepages.decide", false, [Admin, Operator];
    /// Make homepages, and change what they are: names, kind, where they lead.
    EditHomepages = "homepages.edit", false, [Admin, Operator];
    /// Look at homepages from outside, now.
    ProbeHomepages = "homepages.probe", false, [Admin, Operator];
    /// Name the web servers.
    ServeWeb = "web.servers", false, [Admin, Operator];
    /// Change many zones at once.
    BulkZones = "zones.bulk", false, [Admin, Operator];
    /// Look at imports, reconciliation and jobs.
    ReadPapers = "papers.read", true, [Admin, Operator, Billing];
    /// Take over an old provider's papers.
    ImportPapers = "papers.import", false, [Admin, Operator];
    /// Look at who changed what.
    ReadAudit = "audit.read", true, [Admin, Operator, Billing, Reseller, Owner];
    /// Look at the logins of customers.
    ReadLogins = "logins.read", true, [Admin, Operator, Reseller, Owner];
    /// Invite, change and switch off the logins of customers.
    ManageLogins = "logins.manage", false, [Admin, Operator, Reseller, Owner];
    /// Invite, change and switch off the logins of the staff and of resellers.
    ManageStaff = "staff.manage", false, [Admin];
    /// One's own account: password, second factors, sessions, tokens, saved views.
    OwnAccount = "account.own", false, [Admin, Operator, Billing, Reseller, Owner, Member, Payer];
}

impl Action {
    /// Whether a token may have it: what belongs to a person in a browser, it may not.
    #[must_use]
    pub fn for_tokens(self) -> bool {
        !matches!(self, Self::OwnAccount | Self::ViewAs)
    }

    /// The action of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text)
    }
}
