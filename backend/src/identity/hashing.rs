//! Passwords: which are good enough, and their hashes. Hashing never runs on a worker's thread.

use crate::platform::random;
use argon2::{
    ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, PasswordHasher, Version,
    password_hash::phc::{Output, PasswordHash},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
};
use tokio::sync::oneshot;

/// Shortest password, in characters.
const MIN_PASSWORD: usize = 12;
/// Longest password, in octets: more only costs time.
const MAX_PASSWORD: usize = 1000;
/// Log-ins that wait for their turn at the most; more are sent away.
const MAX_WAITING: usize = 64;

/// Why a password cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short to withstand guessing.
    #[error("the password has fewer than 12 characters")]
    Short,
    /// Longer than is taken.
    #[error("the password has more than 1000 octets")]
    Long,
    /// Long, and guessed all the same.
    #[error("the password is easy to guess: take several words that do not belong together")]
    Weak,
    /// The hashing failed.
    #[error("hashing failed: {0}")]
    Hash(String),
}

/// Whether somebody may choose this password: long enough, and at least 3 of 4 by zxcvbn's estimate, to which what is
/// known of the person counts as known.
///
/// # Errors
/// What is wrong with it.
pub fn check(password: &str, known: &[&str]) -> Result<(), PasswordError> {
    if password.chars().count() < MIN_PASSWORD {
        return Err(PasswordError::Short);
    }
    if password.len() > MAX_PASSWORD {
        return Err(PasswordError::Long);
    }
    if zxcvbn::zxcvbn(password, known).score() < zxcvbn::Score::Three {
        return Err(PasswordError::Weak);
    }
    Ok(())
}

/// Hashes a password for storage: argon2id with the parameters of OWASP's sheet (19 MiB, two passes, one lane).
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

/// Whether a stored hash is weaker than what is made today.
fn outdated(stored: &PasswordHash) -> bool {
    let Ok(have) = Params::try_from(stored) else { return true };
    let want = Params::DEFAULT;
    stored.algorithm != ARGON2ID_IDENT
        || have.m_cost() < want.m_cost()
        || have.t_cost() < want.t_cost()
        || have.p_cost() != want.p_cost()
}

/// What a check of a password found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It is another one, or there is no such account.
    Wrong,
    /// It fits.
    Fits {
        /// The hash to keep from now on, if the old one is out of date.
        renewed: Option<String>,
    },
    /// Too many wait already.
    Busy,
}

/// Threads that hash. Each keeps the 19 MiB that argon2 works in from one check to the next: given back and taken anew, they
/// stay in the allocator's arenas, and a storm of log-ins holds some hundreds.
const THREADS: usize = 2;

/// What argon2 works in.
type Memory = Vec<Block>;
type Work = Box<dyn FnOnce(&mut Memory) + Send>;

/// Whether a password has this hash.
fn fits(password: &[u8], stored: &PasswordHash, memory: &mut Memory) -> bool {
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else { return false };
    let version = stored.version.map_or(Ok(Version::default()), Version::try_from);
    let (Ok(algorithm), Ok(version), Ok(params)) =
        (Algorithm::try_from(stored.algorithm.as_str()), version, Params::try_from(stored))
    else {
        return false;
    };
    memory.resize(params.block_count(), Block::default());
    let mut out = vec![0; expected.as_bytes().len()];
    let argon2 = Argon2::new(algorithm, version, params);
    argon2.hash_password_into_with_memory(password, salt.as_ref(), &mut out, memory.as_mut_slice()).is_ok()
        // Its comparison takes as long whatever differs.
        && Output::new(&out).is_ok_and(|made| made == *expected)
}

fn hash_on(work: &Mutex<Receiver<Work>>) {
    let mut memory = Memory::new();
    loop {
        let next = match work.lock() {
            Ok(work) => work.recv(),
            Err(_) => return,
        };
        let Ok(work) = next else { return };
        // Who waits for the answer sees that there is none; the thread lives on for the others.
        let _ = catch_unwind(AssertUnwindSafe(|| work(&mut memory)));
    }
}

/// Hashes and checks passwords off the workers, two at once.
#[derive(Debug, Clone)]
pub struct Hasher {
    work: SyncSender<Work>,
    /// Checked where there is no such account, so that both answers take as long.
    decoy: Arc<str>,
}

impl Hasher {
    /// Makes one with a decoy of its own.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new() -> Result<Self, getrandom::Error> {
        let decoy = hash(&random::token()?).unwrap_or_default();
        let (work, queue) = sync_channel(MAX_WAITING);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..THREADS {
            let queue = queue.clone();
            std::thread::spawn(move || hash_on(&queue));
        }
        Ok(Self { work, decoy: decoy.into() })
    }

    /// Does other work of that kind; `None` if too many wait already.
    pub(crate) async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        self.run(move |_| work()).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&mut Memory) -> T + Send + 'static) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |memory| {
            // Nobody waits any more: who asked has gone.
            let _ = answer.send(work(memory));
        });
        self.work.try_send(work).ok()?;
        answered.await.ok()
    }

    /// Checks a password against a stored hash, or against a decoy where there is none.
    pub async fn verify(&self, password: &str, stored: Option<String>) -> Checked {
        // Longer passwords than can be set are wrong; hashing them would only cost time.
        let password = if password.len() > MAX_PASSWORD { String::new() } else { password.to_owned() };
        let decoy = self.decoy.clone();
        let checked = self.run(move |memory| {
            let known = stored.is_some();
            let stored = stored.unwrap_or_else(|| decoy.to_string());
            let Ok(parsed) = PasswordHash::new(&stored) else { return Checked::Wrong };
            let fits = fits(password.as_bytes(), &parsed, memory);
            if !(fits && known) {
                return Checked::Wrong;
            }
            Checked::Fits { renewed: outdated(&parsed).then(|| hash(&password).ok()).flatten() }
        });
        checked.await.unwrap_or(Checked::Busy)
    }

    /// Whether a new password is good enough.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn judge(&self, password: &str, known: &[&str]) -> Result<(), PasswordError> {
        self.with_new(password, known, check).await
    }

    /// Hashes a new password, if it is good enough.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn make(&self, password: &str, known: &[&str]) -> Result<String, PasswordError> {
        self.with_new(password, known, |password, known| {
            check(password, known)?;
            hash(password)
        })
        .await
    }

    async fn with_new<T: Send + 'static>(
        &self,
        password: &str,
        known: &[&str],
        work: fn(&str, &[&str]) -> Result<T, PasswordError>,
    ) -> Result<T, PasswordError> {
        let (password, known) = (password.to_owned(), known.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>());
        let done = self.run(move |_| work(&password, &known.iter().map(String::as_str).collect::<Vec<_>>()));
        done.await.unwrap_or_else(|| Err(PasswordError::Hash("too many at once".to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_and_endless_passwords_are_refused() {
        assert_eq!(hash("short"), Err(PasswordError::Short));
        assert_eq!(hash(&"x".repeat(2000)), Err(PasswordError::Long));
        assert!(hash("correct horse battery").unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(check("aaaaaaaaaaaaaaaa", &[]), Err(PasswordError::Weak));
        assert_eq!(check("passwordpassword", &[]), Err(PasswordError::Weak));
        assert_eq!(check("frankenhost2026", &["frankenhost"]), Err(PasswordError::Weak));
        assert_eq!(check("ein langes Passwort", &[]), Ok(()));
    }

    #[test]
    fn the_same_memory_serves_hashes_of_any_size() {
        use argon2::PasswordVerifier as _;
        let mut memory = Memory::new();
        for (algorithm, cost) in [(Algorithm::Argon2id, 19_456), (Algorithm::Argon2i, 64), (Algorithm::Argon2d, 4096)] {
            let argon2 = Argon2::new(algorithm, Version::V0x13, Params::new(cost, 2, 1, None).unwrap());
            let stored = argon2.hash_password_with_salt(b"correct horse battery", &[7; 16]).unwrap();
            assert!(fits(b"correct horse battery", &stored, &mut memory), "{algorithm:?}");
            assert!(!fits(b"correct horse batterie", &stored, &mut memory), "{algorithm:?}");
            assert!(
                Argon2::default().verify_password(b"correct horse battery", &stored).is_ok(),
                "as the library says"
            );
        }
        let other =
            PasswordHash::new("$pbkdf2-sha256$i=1000,l=32$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        assert!(other.is_ok_and(|other| !fits(b"x", &other, &mut memory)));
    }

    #[test]
    fn older_parameters_are_seen() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8192, 1, 1, None).unwrap());
        let old = weak.hash_password_with_salt(b"correct horse battery", &[7; 16]).unwrap();
        assert!(outdated(&PasswordHash::new(&old.to_string()).unwrap()));
        let new = hash("correct horse battery").unwrap();
        assert!(!outdated(&PasswordHash::new(&new).unwrap()));
    }
}
