//! Second factors: time-based codes (RFC 6238) and recovery codes.

use super::service::{new_token, throttle, token_hash};
use crate::platform::{context::Context, random};
use hostler_store::{
    Scope, StoreError,
    audit::Change,
    sessions::{Session, State},
    throttle::Brake,
};
use serde_json::json;
use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Wrong codes of an account within an hour, wherever they come from.
const MOST_AN_HOUR: i32 = 20;
/// Recovery codes that somebody gets.
const RECOVERY_CODES: usize = 10;

/// Base32 without padding (RFC 4648 §6).
fn base32(octets: &[u8]) -> String {
    let (mut out, mut buffer, mut bits) = (String::new(), 0u32, 0u32);
    for octet in octets {
        buffer = (buffer << 8) | u32::from(*octet);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            let index = usize::try_from((buffer >> bits) & 31).unwrap_or(0);
            out.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'A')));
        }
    }
    out
}

fn unbase32(text: &str) -> Option<[u8; 20]> {
    let (mut out, mut buffer, mut bits) = (Vec::new(), 0u32, 0u32);
    for c in text.bytes() {
        let value = ALPHABET.iter().position(|a| *a == c)?;
        buffer = (buffer << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((buffer >> bits) & 255).ok()?);
        }
    }
    out.try_into().ok()
}

/// A new secret.
///
/// # Errors
/// When the system has no randomness.
pub fn new_secret() -> Result<String, StoreError> {
    random::octets::<20>()
        .map(|octets| base32(&octets))
        .map_err(|e| StoreError::Inconsistent { table: "users", reason: e.to_string() })
}

/// The address that an authenticator reads from a QR code.
#[must_use]
pub fn otpauth(secret: &str, email: &str) -> String {
    let email = hostler_web::ui::frame::encode(email);
    format!("otpauth://totp/Hostler:{email}?secret={secret}&issuer=Hostler&algorithm=SHA1&digits=6&period=30")
}

/// A text as a QR code in SVG.
#[must_use]
pub fn qr(text: &str) -> String {
    use qrcode::render::svg::Color;
    let Ok(code) = qrcode::QrCode::new(text) else { return String::new() };
    let svg = code.render::<Color<'_>>().min_dimensions(200, 200).build();
    svg.split_once("?>").map_or(svg.clone(), |(_, rest)| rest.to_owned())
}

/// The time step that a code belongs to; one step before and after count as well, for clocks that differ.
fn step_of(secret: &str, code: &str, unix: i64) -> Option<i64> {
    let totp = totp_rs::Builder::new().with_secret(unbase32(secret)?).build().ok()?;
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    totp.check(&code, u64::try_from(unix).ok()?).and_then(|step| i64::try_from(step).ok())
}

fn recovery_hash(code: &str) -> Vec<u8> {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    Sha256::digest(plain.as_bytes()).to_vec()
}

/// Keeps a new secret until a code confirms that the authenticator has it.
///
/// # Errors
/// When the database fails.
pub async fn begin_totp(context: &Context, scope: &Scope, session: &Session) -> Result<String, StoreError> {
    let secret = new_secret()?;
    let mut tx = context.store.begin_identity(scope, context.clock.now()).await?;
    tx.set_pending(session.id(), Some(&json!({ "totp": secret }))).await?;
    tx.commit().await?;
    Ok(secret)
}

/// The secret that waits to be confirmed.
#[must_use]
pub fn pending_totp(session: &Session) -> Option<String> {
    session.pending()?.get("totp")?.as_str().map(str::to_owned)
}

/// Confirms the secret; answers the token under which the session goes on, and the recovery codes, shown once.
/// `None` if the code is wrong.
///
/// # Errors
/// When the database fails.
pub async fn confirm_totp(
    context: &Context,
    scope: &Scope,
    session: &Session,
    code: &str,
) -> Result<Option<(String, Vec<String>)>, StoreError> {
    let now = context.clock.now();
    let login = session.login();
    let Some(secret) = pending_totp(session) else { return Ok(None) };
    let Some(step) = step_of(&secret, code, now.timestamp()) else { return Ok(None) };
    let mut tx = context.store.begin_identity(scope, now).await?;
    tx.set_totp(login.id, Some(&secret), step).await?;
    let codes = fresh_codes()?;
    let hashes: Vec<Vec<u8>> = codes.iter().map(|c| recovery_hash(c)).collect();
    tx.replace_recovery_codes(login.id, &hashes).await?;
    tx.end_sessions(login.id, Some(session.id())).await?;
    let token = new_token("sessions")?;
    tx.promote_session(session.id(), &token_hash(&token), State::Full).await?;
    tx.audit(Change::new("enable-totp", ("login", login.id), &login.email).customer(login.customer_id)).await?;
    tx.commit().await?;
    Ok(Some((token, codes)))
}

fn fresh_codes() -> Result<Vec<String>, StoreError> {
    (0..RECOVERY_CODES)
        .map(|_| {
            let octets = random::octets::<10>()
                .map_err(|e| StoreError::Inconsistent { table: "recovery_codes", reason: e.to_string() })?;
            let code = base32(&octets);
            let (a, b) = code.split_at_checked(8).unwrap_or((&code, ""));
            Ok(format!("{a}-{b}"))
        })
        .collect()
}

/// What became of a second factor.
#[derive(Debug, PartialEq, Eq)]
pub enum Second {
    /// The token under which the session goes on.
    Welcome(String),
    /// The code is wrong, or was used.
    Wrong,
    /// Too many failures: seconds to wait.
    Wait(i64),
}

/// Checks a code, time-based or for recovery, of a session that waits for it.
///
/// # Errors
/// When the database fails.
pub async fn check(
    context: &Context,
    scope: &Scope,
    session: &Session,
    code: &str,
    address: &str,
) -> Result<Second, StoreError> {
    let login = session.login();
    // Who is here knows the password; six digits are guessed in no time, whatever the address.
    // From many sources together it is not many codes either.
    let everywhere = Brake { key: format!("second {} from everywhere", login.id), per: i32::MAX, most: MOST_AN_HOUR };
    let counted = match throttle(context, &format!("second {}", login.id), address, Some(everywhere)).await? {
        Ok(counted) => counted,
        Err(seconds) => return Ok(Second::Wait(seconds)),
    };
    let now = context.clock.now();
    let factors = context.store.factors(login.id).await?;
    let mut tx = context.store.begin_identity(scope, now).await?;
    let step = factors.totp_secret.as_deref().and_then(|secret| step_of(secret, code, now.timestamp()));
    let good = match step {
        Some(step) => tx.use_totp_step(login.id, step).await?,
        None => {
            let used = code.len() < 100 && tx.use_recovery_code(login.id, &recovery_hash(code)).await?;
            if used {
                tx.audit(
                    Change::new("use-recovery-code", ("login", login.id), &login.email).customer(login.customer_id),
                )
                .await?;
            }
            used
        }
    };
    if !good {
        return Ok(Second::Wrong);
    }
    let token = new_token("sessions")?;
    tx.promote_session(session.id(), &token_hash(&token), State::Full).await?;
    tx.commit().await?;
    counted.went_well(context).await?;
    Ok(Second::Welcome(token))
}

/// New recovery codes in the place of the old ones, shown once.
///
/// # Errors
/// When the database fails.
pub async fn renew_recovery(context: &Context, scope: &Scope, session: &Session) -> Result<Vec<String>, StoreError> {
    let login = session.login();
    let codes = fresh_codes()?;
    let hashes: Vec<Vec<u8>> = codes.iter().map(|c| recovery_hash(c)).collect();
    let mut tx = context.store.begin_identity(scope, context.clock.now()).await?;
    tx.replace_recovery_codes(login.id, &hashes).await?;
    tx.audit(Change::new("renew-recovery", ("login", login.id), &login.email).customer(login.customer_id)).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Takes the time-based codes away, and the recovery codes with them if nothing else is left to recover.
///
/// # Errors
/// When the database fails.
pub async fn disable_totp(context: &Context, scope: &Scope, session: &Session) -> Result<(), StoreError> {
    let login = session.login();
    let factors = context.store.factors(login.id).await?;
    let mut tx = context.store.begin_identity(scope, context.clock.now()).await?;
    tx.set_totp(login.id, None, 0).await?;
    if factors.passkeys.is_empty() {
        tx.replace_recovery_codes(login.id, &[]).await?;
    }
    tx.audit(Change::new("disable-totp", ("login", login.id), &login.email).customer(login.customer_id)).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B: the secret "12345678901234567890" at 59 s gives 94287082; six digits of it are 287082.
        let secret = base32(b"12345678901234567890");
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(unbase32(&secret).as_ref(), Some(b"12345678901234567890"));
        assert_eq!(step_of(&secret, "287 082", 59), Some(1));
        assert_eq!(step_of(&secret, "287082", 89), Some(1), "a clock that differs by one step");
        assert_eq!(step_of(&secret, "287082", 149), None);
        assert_eq!(step_of(&secret, "000000", 59), None);
    }

    #[test]
    fn recovery_codes_are_read_as_people_type_them() {
        let codes = fresh_codes().unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        assert_eq!(
            recovery_hash(&codes[0]),
            recovery_hash(&format!(" {} ", codes[0].to_lowercase().replace('-', " ")))
        );
        assert_ne!(recovery_hash(&codes[0]), recovery_hash(&codes[1]));
    }

    #[test]
    fn a_qr_code_is_plain_svg() {
        let svg = qr(&otpauth("GEZDGNBV", "a@b.example"));
        assert!(svg.starts_with("<svg") && !svg.contains("style="), "{svg:.80}");
    }
}
