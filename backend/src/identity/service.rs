//! Logging in and out.

use super::{
    hashing::{Checked, Hasher, PasswordError, check, hash},
    tokens::{self, TokenError, Wanted},
};
use crate::platform::{context::Context, random, settings::SecondFactor};
use chrono::{DateTime, Duration, Utc};
use hostler_core::{
    access::{Action, Role, Side},
    names::EmailAddress,
};
use hostler_store::{
    Scope, StoreError,
    audit::Change,
    sessions::{Session, State},
    throttle::Brake,
    users::Login,
};
use sha2::{Digest, Sha256};
use std::net::{IpAddr, Ipv6Addr};

/// What became of a log-in.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The token of the new session, and what the session still lacks.
    Welcome(String, State),
    /// Address or password are wrong; which, is not said.
    Wrong,
    /// Too many failures, or too many at once: seconds to wait.
    Wait(i64),
}

/// What failures are counted by: an address, or the network of an IPv6 one, which a single customer has whole.
#[must_use]
pub fn origin(address: &str) -> String {
    match address.parse::<IpAddr>().map(|a| a.to_canonical()) {
        Ok(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Ok(v4) => v4.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// A try that was counted ahead as a failure.
#[derive(Debug)]
pub(crate) struct Try(Vec<Brake>);

impl Try {
    /// It went well: what failed before is forgiven, but for what others did from the same address.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn went_well(&self, context: &Context) -> Result<(), StoreError> {
        self.take_back(context, true).await
    }

    /// It did not take place.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn was_none(&self, context: &Context) -> Result<(), StoreError> {
        self.take_back(context, false).await
    }

    async fn take_back(&self, context: &Context, own: bool) -> Result<(), StoreError> {
        for (i, brake) in self.0.iter().enumerate() {
            context.store.take_try_back(brake, own && i == 0).await?;
        }
        Ok(())
    }
}

/// Counts a try of `what` from an address; answers the seconds to wait if there were too many.
///
/// # Errors
/// When the database fails.
pub(crate) async fn throttle(
    context: &Context,
    what: &str,
    address: &str,
    everywhere: Option<Brake>,
) -> Result<Result<Try, i64>, StoreError> {
    let origin = origin(address);
    let mut brakes = vec![Brake { key: format!("{what} {origin}"), per: 1, most: i32::MAX }];
    // Where no trusted proxy says otherwise, everybody may come from this machine: that address says nothing then.
    if !address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()) {
        // An address stands for many people behind one connection: it may fail more often.
        brakes.push(Brake { key: origin, per: 4, most: i32::MAX });
    }
    brakes.extend(everywhere);
    let mut counted = Try(Vec::new());
    for brake in brakes {
        if let Some(left) = context.store.count_try(&brake, context.clock.now()).await? {
            counted.was_none(context).await?;
            return Ok(Err(left));
        }
        counted.0.push(brake);
    }
    Ok(Ok(counted))
}

/// Checks a password and opens a session.
///
/// Failures count for the account *from this address* and for the address: whoever guesses slows themselves down and
/// nobody else.
///
/// # Errors
/// When the database fails.
pub async fn log_in(
    context: &Context,
    hasher: &Hasher,
    (email, password): (&str, &str),
    (address, agent): (&str, &str),
) -> Result<Outcome, StoreError> {
    let email = EmailAddress::parse(email).map(|e| e.to_string()).unwrap_or_default();
    let counted = match throttle(context, &email, address, None).await? {
        Ok(counted) => counted,
        Err(seconds) => return Ok(Outcome::Wait(seconds)),
    };
    let known = context.store.credentials(&email).await?;
    let stored = known.as_ref().and_then(|k| k.password_hash.clone());
    let (Some(known), Checked::Fits { renewed }) = (
        known,
        match hasher.verify(password, stored.clone()).await {
            Checked::Busy => {
                counted.was_none(context).await?;
                return Ok(Outcome::Wait(5));
            }
            checked => checked,
        },
    ) else {
        return Ok(Outcome::Wrong);
    };
    counted.went_well(context).await?;
    if let (Some(old), Some(new)) = (stored, renewed) {
        context.store.renew_hash(known.id, &old, &new).await?;
    }
    let required = context.settings.session.second_factor == SecondFactor::Staff && known.role.side() == Side::Staff;
    let state = match (known.second_factor, required) {
        (true, _) => State::Second,
        (false, true) => State::Enrol,
        (false, false) => State::Full,
    };
    let token = new_token("sessions")?;
    let now = context.clock.now();
    let expires = now + Duration::days(i64::from(context.settings.session.max_days));
    context.store.open_session(&token_hash(&token), (known.id, state), (address, agent), now, expires).await?;
    Ok(Outcome::Welcome(token, state))
}

/// 256 random bits for a cookie or a link.
///
/// # Errors
/// When the system has no randomness.
pub(crate) fn new_token(table: &'static str) -> Result<String, StoreError> {
    random::token().map_err(|e| StoreError::Inconsistent { table, reason: e.to_string() })
}

/// What is kept of a token.
#[must_use]
pub fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// The session of a token.
///
/// # Errors
/// When the database fails.
pub async fn session(context: &Context, token: &str) -> Result<Option<Session>, StoreError> {
    let idle = Duration::minutes(i64::from(context.settings.session.idle_minutes));
    context.store.session(&token_hash(token), context.clock.now(), idle).await
}

/// Ends a session.
///
/// # Errors
/// When the database fails.
pub async fn log_out(context: &Context, token: &str) -> Result<(), StoreError> {
    context.store.close_session(&token_hash(token), context.clock.now()).await
}

/// A name for people: one line, not too long.
///
/// # Errors
/// What is wrong with it.
pub fn person_name(text: &str) -> Result<&str, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Err("a name is missing");
    }
    if text.chars().count() > 100 || text.chars().any(char::is_control) {
        return Err("at most 100 characters, no control characters");
    }
    // Invisible and turning characters make one name look like another; an address in a name becomes a link in a mail.
    let hides = |c: char| matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    if text.chars().any(hides) || text.contains("://") {
        return Err("no invisible characters and no web addresses");
    }
    Ok(text)
}

/// The login of an address, for the command line.
async fn login_of(context: &Context, email: &str) -> Result<Login, String> {
    let found = async {
        let (user, _) = context.store.find_user(email).await?.ok_or(StoreError::NotFound)?;
        context.store.login(user).await?.ok_or(StoreError::NotFound)
    };
    found.await.map_err(|e: StoreError| format!("--email: {e}"))
}

/// Makes a token with the rights of a login: from the command line.
///
/// # Errors
/// A sentence that says what is wrong.
pub async fn create_token(context: &Context, email: &str, mut wanted: Wanted) -> Result<String, String> {
    let email = EmailAddress::parse(email).map_err(|e| format!("--email: {e}"))?.to_string();
    let login = login_of(context, &email).await?;
    if wanted.actions.is_empty() {
        let own = Action::ALL.into_iter().filter(|a| login.role.may(*a) && a.for_tokens());
        wanted.actions = own.map(|a| a.as_str().to_owned()).collect();
    }
    match tokens::create(context, &Scope::for_machine("admin token"), &login, &wanted).await {
        Ok(token) => Ok(token),
        Err(TokenError::Fields(wrong)) => {
            let told: Vec<String> = wrong.into_iter().map(|(name, reason)| format!("--{name}: {reason}")).collect();
            Err(told.join("; "))
        }
        Err(TokenError::Store(error)) => Err(error.to_string()),
    }
}

/// Takes all second factors of a login away: from the command line, for somebody who lost them.
///
/// # Errors
/// A sentence that says what is wrong.
pub async fn clear_factors(context: &Context, email: &str) -> Result<(), String> {
    let email = EmailAddress::parse(email).map_err(|e| format!("--email: {e}"))?.to_string();
    let user = login_of(context, &email).await?.id;
    let clear = async {
        let scope = Scope::for_machine("admin clear-factors");
        let mut tx = context.store.begin_identity(&scope, context.clock.now()).await?;
        tx.clear_factors(user).await?;
        tx.audit(Change::new("clear-factors", ("login", user), &email)).await?;
        tx.commit().await
    };
    clear.await.map_err(|e: StoreError| e.to_string())
}

/// Makes a login of the staff, or gives an existing one a new password: from the command line.
///
/// # Errors
/// A sentence that says what is wrong.
pub async fn create_admin(
    context: &Context,
    email: &str,
    name: Option<&str>,
    password: &str,
    now: DateTime<Utc>,
) -> Result<bool, String> {
    let email = EmailAddress::parse(email).map_err(|e| format!("--email: {e}"))?.to_string();
    check(password, &[&email]).map_err(|e| e.to_string())?;
    let hash = hash(password).map_err(|e: PasswordError| e.to_string())?;
    let name = person_name(name.unwrap_or(&email)).map_err(|e| format!("--name: {e}"))?;
    let made = async {
        let mut tx = context.store.begin_identity(&Scope::for_machine("admin create"), now).await?;
        let user = tx.create_user(&email, name, Role::Admin, &hash).await?;
        tx.audit(Change::new("create-login", ("login", user), &email)).await?;
        tx.commit().await
    };
    match made.await {
        Ok(()) => Ok(true),
        Err(StoreError::Constraint(key)) if key == "users_email_key" => {
            let login = login_of(context, &email).await?;
            if login.role.side() != Side::Staff {
                return Err("--email: this is the login of a customer or a reseller; take another address".to_owned());
            }
            let reset = async {
                let mut tx = context.store.begin_identity(&Scope::for_machine("admin create"), now).await?;
                tx.set_password(login.id, &hash, None).await?;
                tx.audit(Change::new("set-password", ("login", login.id), &email)).await?;
                tx.commit().await
            };
            reset.await.map_err(|e: StoreError| e.to_string())?;
            Ok(false)
        }
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_ipv6_network_counts_as_one() {
        assert_eq!(origin("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(origin("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(origin("unknown"), "unknown");
    }
}
