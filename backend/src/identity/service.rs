//! The use cases of identity. Hashing never runs on a worker's thread, and only two hashes run at once.

use crate::platform::{context::Context, random};
use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use chrono::{DateTime, Duration, Utc};
use hostler_core::{access::Role, names::EmailAddress};
use hostler_store::{StoreError, users::Login};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Shortest password, in characters.
const MIN_PASSWORD: usize = 12;
/// Longest password, in octets: more only costs time.
const MAX_PASSWORD: usize = 1000;
/// Failures that cost nothing.
const FREE_FAILURES: i32 = 5;

/// Why a password cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short to withstand guessing.
    #[error("the password has fewer than 12 characters")]
    Short,
    /// Longer than is taken.
    #[error("the password has more than 1000 octets")]
    Long,
    /// The hashing failed.
    #[error("hashing failed: {0}")]
    Hash(String),
}

/// argon2id with the parameters of OWASP's sheet (19 MiB, two passes, one lane), off the workers.
#[derive(Debug, Clone)]
pub struct Hasher {
    slots: Arc<Semaphore>,
    /// Checked where there is no such account, so that both answers take as long.
    decoy: Arc<str>,
}

/// Hashes a password for storage.
///
/// # Errors
/// When it is too short or too long.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    if password.chars().count() < MIN_PASSWORD {
        return Err(PasswordError::Short);
    }
    if password.len() > MAX_PASSWORD {
        return Err(PasswordError::Long);
    }
    let salt = random::octets::<16>().map_err(|e| PasswordError::Hash(e.to_string()))?;
    let hash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|e| PasswordError::Hash(e.to_string()))?;
    Ok(hash.to_string())
}

impl Hasher {
    /// Makes one with a decoy of its own.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new() -> Result<Self, getrandom::Error> {
        let decoy = hash(&random::token()?).unwrap_or_default();
        Ok(Self { slots: Arc::new(Semaphore::new(2)), decoy: decoy.into() })
    }

    async fn verify(&self, password: String, stored: Option<String>) -> bool {
        let Ok(slot) = self.slots.clone().acquire_owned().await else { return false };
        let decoy = self.decoy.clone();
        let checked = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            let known = stored.is_some();
            let stored = stored.unwrap_or_else(|| decoy.to_string());
            let fits = PasswordHash::new(&stored)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
            fits && known
        });
        checked.await.unwrap_or(false)
    }
}

/// What became of a log-in.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The token of the new session.
    Welcome(String),
    /// Address or password are wrong; which, is not said.
    Wrong,
    /// Too many failures: seconds to wait.
    Wait(i64),
}

fn pause(failures: i32) -> Duration {
    let over = u32::try_from(failures - FREE_FAILURES).unwrap_or(0).min(9);
    if failures < FREE_FAILURES { Duration::zero() } else { Duration::seconds(2i64.pow(over)) }
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
    let now = context.clock.now();
    let email = EmailAddress::parse(email).map(|e| e.to_string()).unwrap_or_default();
    // Behind a proxy on this machine everybody comes from here: that address says nothing about who asks.
    let local = address.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let mut keys = vec![format!("{email} {address}")];
    if !local {
        keys.push(address.to_owned());
    }
    for key in &keys {
        if let Some((failures, last)) = context.store.login_failures(key).await? {
            // An address stands for many people behind one connection: it may fail more often.
            let failures = if key == address { failures / 4 } else { failures };
            let left = (last + pause(failures) - now).num_seconds();
            if left > 0 {
                return Ok(Outcome::Wait(left));
            }
        }
    }
    // Counted before the slow part: a thousand tries at once must not all find the count at nothing.
    for key in &keys {
        context.store.count_login_failure(key, now).await?;
    }
    let known = context.store.credentials(&email).await?;
    let stored = known.as_ref().map(|k| k.password_hash.clone());
    // Longer passwords than can be set are wrong; hashing them would only cost time.
    let given = if password.len() > MAX_PASSWORD { String::new() } else { password.to_owned() };
    let fits = hasher.verify(given, stored).await;
    match known {
        Some(known) if fits => {
            for (i, key) in keys.iter().enumerate() {
                context.store.forgive_login_failure(key, i == 0).await?;
            }
            let token =
                random::token().map_err(|e| StoreError::Inconsistent { table: "sessions", reason: e.to_string() })?;
            let expires = now + Duration::days(i64::from(context.settings.session.max_days));
            context.store.open_session(&token_hash(&token), known.id, (address, agent), now, expires).await?;
            Ok(Outcome::Welcome(token))
        }
        _ => Ok(Outcome::Wrong),
    }
}

fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// The user of a session's token.
///
/// # Errors
/// When the database fails.
pub async fn session(context: &Context, token: &str) -> Result<Option<Login>, StoreError> {
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

/// Makes a login of the staff, or gives an existing one a new password.
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
    let hash = hash(password).map_err(|e| e.to_string())?;
    let name = name.unwrap_or(&email);
    if name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err("--name: at most 100 characters, no control characters".to_owned());
    }
    match context.store.create_user(&email, name, Role::Admin, &hash, now).await {
        Ok(_) => Ok(true),
        Err(StoreError::Constraint(key)) if key == "users_email_key" => {
            context.store.set_password(&email, &hash).await.map_err(|e| e.to_string())?;
            Ok(false)
        }
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        assert_eq!([0, 4, 5, 6, 8, 100].map(|n| pause(n).num_seconds()), [0, 0, 1, 2, 8, 512]);
    }

    #[test]
    fn weak_and_endless_passwords_are_refused() {
        assert_eq!(hash("short"), Err(PasswordError::Short));
        assert_eq!(hash(&"x".repeat(2000)), Err(PasswordError::Long));
        assert!(hash("correct horse battery").unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }
}
