//! Passwords against the hashes that old mail servers left: what Dovecot calls its password schemes. New ones are argon2id;
//! these only let people in until they set one.
//!
//! Source: Dovecot manual, "Password Schemes".

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hostler_core::mail::Secret;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// Hash and salt, as the salted schemes have them one behind the other.
fn decoded(text: &str, base64: bool) -> Option<Vec<u8>> {
    if base64 {
        return STANDARD.decode(text).ok();
    }
    let digit = |c: u8| char::from(c).to_digit(16).and_then(|n| u8::try_from(n).ok());
    text.as_bytes().chunks(2).map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect()
}

/// As long whatever differs.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (x, y)| differs | (x ^ y)) == 0
}

fn digest<D: Digest>(password: &[u8], stored: &[u8], salted: bool) -> bool {
    let size = <D as Digest>::output_size();
    let Some((hash, salt)) = stored.split_at_checked(size) else { return false };
    (salted || salt.is_empty()) && same(&D::new().chain_update(password).chain_update(salt).finalize(), hash)
}

/// Whether a check takes no longer than a log-in may: papers can hold a hash that takes hours.
fn affordable(stored: &str) -> bool {
    let number = |text: Option<&str>| text.and_then(|t| t.parse::<u32>().ok());
    if let Some(rest) = stored.strip_prefix("$2") {
        return number(rest.split('$').nth(1)).is_some_and(|cost| cost <= 14);
    }
    match stored.split_once("$rounds=") {
        Some((_, rest)) => number(rest.split('$').next()).is_some_and(|rounds| rounds <= 1_000_000),
        None => true,
    }
}

/// Whether a password has this hash; never if its scheme is not known here.
pub(super) fn fits(password: &str, secret: &Secret) -> bool {
    let Some((head, stored)) = secret.expose().strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
        return false;
    };
    let octets = password.as_bytes();
    let encoding = head.split_once('.').map(|(_, e)| e.to_ascii_lowercase());
    // Without a name of the encoding: hexadecimal for the oldest, base64 for the rest.
    let base64 = match encoding.as_deref() {
        Some("hex") => false,
        Some("b64" | "base64") => true,
        Some(_) => return false,
        None => secret.scheme() != "PLAIN-MD5",
    };
    let plain = || decoded(stored, base64).unwrap_or_default();
    match secret.scheme().as_str() {
        "CRYPT" | "DES-CRYPT" | "MD5" | "MD5-CRYPT" | "SHA256-CRYPT" | "SHA512-CRYPT" | "BLF-CRYPT" => {
            affordable(stored) && pwhash::unix::verify(octets, stored)
        }
        "PLAIN-MD5" | "LDAP-MD5" => digest::<Md5>(octets, &plain(), false),
        "SMD5" => digest::<Md5>(octets, &plain(), true),
        "SHA" | "SHA1" => digest::<Sha1>(octets, &plain(), false),
        "SSHA" => digest::<Sha1>(octets, &plain(), true),
        "SHA256" => digest::<Sha256>(octets, &plain(), false),
        "SSHA256" => digest::<Sha256>(octets, &plain(), true),
        "SHA512" => digest::<Sha512>(octets, &plain(), false),
        "SSHA512" => digest::<Sha512>(octets, &plain(), true),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_dovecot_made_is_known_again() {
        // `doveadm pw -s SCHEME -p geheim`, Dovecot 2.3.19.
        for hash in HASHES {
            let secret = Secret::parse(hash).unwrap();
            assert!(fits("geheim", &secret), "{hash}");
            assert!(!fits("geheim2", &secret) && !fits("", &secret), "{hash}");
        }
        for hash in [
            "{SCRAM-SHA-256}x",
            "{SSHA}",
            "{SSHA}x",
            "{PLAIN-MD5}zz",
            "{SHA.odd}x",
            "{CRYPT}",
            "{CRYPT}*",
            "{BLF-CRYPT}$2y$31$Ci8d4h0ApdIZ.ytvxkv7ee53kPdap2wO/OpoejCWNxQndYl5SNURi",
            "{CRYPT}$6$rounds=999999999$abcdefgh$x",
        ] {
            assert!(
                !fits("geheim", &Secret::parse(hash).unwrap()) && !fits("", &Secret::parse(hash).unwrap()),
                "{hash}"
            );
        }
    }

    const HASHES: &[&str] = &[
        "{CRYPT}$2y$05$MJ.0aEXMV7Q8nwGjgNv2LeiU18qtC1S0GyqalvrvPsh9uHXyoRhsy",
        "{MD5-CRYPT}$1$qxFuLEob$9kCXhEuee.t8LQUnClF.Z1",
        "{SHA256-CRYPT}$5$flpGcSUhu14jUQAK$RfN.zKUheFxrEvfb2JOV6dLXoLmN.TiDx0R8SToJgI.",
        "{SHA512-CRYPT}$6$cpYtq4aPs49vaPzN$vtxBJRtWrJ/V3yp.tl1pcQgfiWXmbSqeWxkG84ucfWSJWs5r9BpnoxbHc5stSWR3koat.32ZiHKhsrHirbDfk/",
        "{BLF-CRYPT}$2y$05$Ci8d4h0ApdIZ.ytvxkv7ee53kPdap2wO/OpoejCWNxQndYl5SNURi",
        "{PLAIN-MD5}e8636ea013e682faf61f56ce1cb1ab5c",
        "{LDAP-MD5}6GNuoBPmgvr2H1bOHLGrXA==",
        "{SMD5}zKKVWa9BS+A0wEhmJEuMqjx4N2o=",
        "{SHA}kGByAB793z4R5tK1eC9Hd/4Dhzk=",
        "{SSHA}pf6+nb7IXv9rCLb24PnZNpXb88t80gp8",
        "{SHA256}rdsPXngmyFfXN20b2bwzwMVEeQourJYUSoryKxKYyUA=",
        "{SSHA256}FdPbU4SROzxL33OxikcgyQ2tQ3stynwb19T94e3RnL+O814M",
        "{SHA512}jYR+AdIrqpafcfo2K03iHJ4Tx4grzqE7pcaorg1x/IyXAMguAIemXIs3vSn1NnR/KMlnK+wcrndi0snza2AT8g==",
        "{SSHA512}J9sZ6Q80sMzhjAp3j9qPe3eeLtQbr/l1PlS9V5g6/NVzWjGmYsHXaTxBYlOQ3fD+iCj26/2tQHrs9vgDle/bhScPFFY=",
        "{SSHA.HEX}bea144e028c2addc13ab132ea1de85489b25e11047f277fd",
        "{DES-CRYPT}ez5sEZDIeMcqU",
    ];
}
