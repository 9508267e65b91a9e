//! Keys with which the mail of a domain is signed: made here, offered for the zone, put to use when the domain name system
//! answers with them, and taken out of use again.

use super::service::{MailError, field};
use crate::{
    http::{App, visit::Actor},
    platform::{context::Context, jobs::JobError, random, resolver::Asker},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::{StreamExt as _, stream};
use hostler_core::{
    mail::{
        dkim::{Algorithm, DAYS_AFTER_SIGNING, PublicKey, SEEN_BEFORE_SIGNING_SECONDS, Selector, State},
        records::{Standing, key_need},
    },
    names::Name,
};
use hostler_store::{
    Scope, StoreError, Tx,
    audit::Change,
    dkim::{KeyRow, NewKey},
};
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use serde_json::{Value, json};
use std::{collections::HashSet, time::Duration};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// The job that takes keys a step further.
pub const ROUND: &str = "mail.dkim";

/// Keys of a domain whose records are needed, at the most.
const MOST: usize = 8;

/// Keys of a domain at the most, with those that are over.
const MOST_EVER: usize = 200;

/// A key costs a fifth of a second: one at a time, so that whoever asks for many takes no more than one core.
static MAKING: Semaphore = Semaphore::const_new(1);

/// How long somebody waits for a turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// A round asks for no longer than this; other jobs wait behind it.
const ROUND_LASTS: Duration = Duration::from_secs(60);

/// A key whose record was never seen is asked for no longer by itself.
const ASKED_FOR_DAYS: i64 = 30;

/// How many names are asked for at once.
const ASKED_AT_ONCE: usize = 16;

/// Both halves of a new key.
fn halves(algorithm: Algorithm) -> Result<(String, String), String> {
    match algorithm {
        Algorithm::Rsa2048 => {
            let key = rsa::RsaPrivateKey::new(&mut random::source(), 2048).map_err(|e| e.to_string())?;
            let public = key.to_public_key().to_public_key_der().map_err(|e| e.to_string())?;
            let private = key.to_pkcs8_pem(LineEnding::LF).map_err(|e| e.to_string())?;
            Ok((STANDARD.encode(public.as_bytes()), private.as_str().to_owned()))
        }
        Algorithm::Ed25519 => {
            use ring::signature::{Ed25519KeyPair, KeyPair as _};
            let seed = random::octets::<32>().map_err(|e| e.to_string())?;
            let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|e| e.to_string())?;
            Ok((STANDARD.encode(pair.public_key().as_ref()), format!("{}\n", STANDARD.encode(seed))))
        }
    }
}

/// A name for a new key that the domain has not had: the kind's letter and the day, then one that differs.
fn name(algorithm: Algorithm, day: &str, taken: &HashSet<String>) -> Result<Selector, MailError> {
    let letter = match algorithm {
        Algorithm::Rsa2048 => 'r',
        Algorithm::Ed25519 => 'e',
    };
    let mut names = (1..=MOST_EVER + 1).map(|n| match n {
        1 => format!("{letter}{day}"),
        n => format!("{letter}{day}-{n}"),
    });
    let free = names.find(|n| !taken.contains(n)).unwrap_or_default();
    Selector::parse(&free).map_err(|e| MailError::Internal(e.to_owned()))
}

/// The name of a key's record, for the log.
fn label(selector: &str, domain: &str) -> String {
    format!("{selector}._domainkey.{domain}")
}

/// Makes keys for a domain, one of each kind; a selector of one's own names one key.
///
/// # Errors
/// The fields that are wrong.
pub(crate) async fn make(
    app: &App,
    actor: &Actor,
    domain: Uuid,
    algorithms: &[Algorithm],
    selector: Option<&str>,
) -> Result<Vec<Uuid>, MailError> {
    let own = selector.filter(|s| !s.trim().is_empty()).map(Selector::parse).transpose();
    let own = own.map_err(|reason| field("selector", reason))?;
    let algorithms: Vec<Algorithm> = Algorithm::ALL.into_iter().filter(|a| algorithms.contains(a)).collect();
    if algorithms.is_empty() {
        return Err(field("algorithms", "choose at least one"));
    }
    if own.is_some() && algorithms.len() > 1 {
        return Err(field("selector", "a selector names one key; choose one algorithm with it"));
    }
    let keys = app.context.store.view(&actor.scope).await?.dkim_keys(domain).await?;
    let room = |keys: &[KeyRow]| {
        let needed = keys.iter().filter(|k| k.state().needs_record()).count();
        if needed + algorithms.len() > MOST || keys.len() + algorithms.len() > MOST_EVER {
            return Err(field("algorithms", format!("a domain has at most {MOST} keys whose records are needed")));
        }
        Ok(())
    };
    room(&keys)?;
    let mut made = Vec::new();
    for algorithm in algorithms.iter().copied() {
        let Ok(turn) = tokio::time::timeout(PATIENCE, MAKING.acquire()).await else {
            return Err(field("algorithms", "many keys are being made: please try again in a moment"));
        };
        let turn = turn.map_err(|e| MailError::Internal(e.to_string()))?;
        // Whoever waited with others for the same domain is told before the work, not after it.
        room(&app.context.store.view(&actor.scope).await?.dkim_keys(domain).await?)?;
        // The turn goes along: the work goes on when whoever asked has gone.
        let halves = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            halves(algorithm)
        });
        let halves = halves.await;
        let (data, private) = halves.map_err(|e| e.to_string()).and_then(|h| h).map_err(MailError::Internal)?;
        made.push((algorithm, data, private));
    }
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    tx.lock_dkim_keys(domain).await?;
    let keys = tx.dkim_keys_of(domain).await?;
    room(&keys)?;
    let (name_of, customer) = tx.dkim_domain(domain).await?;
    let mut taken: HashSet<String> = keys.into_iter().map(|k| k.selector).collect();
    let day = tx.now().format("%Y%m%d").to_string();
    let mut ids = Vec::new();
    for (algorithm, data, private) in made {
        let selector = match &own {
            Some(own) if taken.contains(own.as_str()) => {
                return Err(field("selector", "the domain has, or had, a key of this name"));
            }
            Some(own) => own.clone(),
            None => name(algorithm, &day, &taken)?,
        };
        taken.insert(selector.to_string());
        let public = PublicKey { selector, algorithm, data };
        let id = tx.add_dkim_key(NewKey { domain, public: &public, private: &private }).await?;
        let label = label(public.selector.as_str(), &name_of);
        let change = Change::new("make-dkim-key", ("dkim-key", id), &label).customer(customer);
        tx.audit(change.after(Some(&json!({ "algorithm": algorithm.as_str() })))).await?;
        ids.push(id);
    }
    tx.commit().await?;
    Ok(ids)
}

/// Whether the domain name system answers with the key.
async fn answered(asker: &Asker, key: &KeyRow) -> Result<bool, String> {
    let origin = Name::parse(&format!("{}.", key.domain), None).map_err(|e| e.to_string())?;
    let public = key.public().map_err(|e| e.to_string())?;
    let need = key_need(&origin, &public, 0).ok_or("the name of its record is too long")?;
    Ok(asker.standing(&need).await? == Standing::Met)
}

async fn noted(
    tx: &mut Tx,
    action: &str,
    key: &KeyRow,
    (before, after): (State, Option<State>),
) -> Result<(), StoreError> {
    let label = label(&key.selector, &key.domain);
    let change = Change::new(action, ("dkim-key", key.id), &label).customer(key.customer_id);
    let state = |state: State| json!({ "state": state.as_str() });
    let change = change.before(Some(&state(before)));
    tx.audit(change.after(after.map(state).as_ref())).await?;
    Ok(())
}

async fn put_to_use(tx: &mut Tx, key: &KeyRow) -> Result<(), StoreError> {
    tx.lock_dkim_keys(key.domain_id).await?;
    let gone = tx.dkim_sign(key.id).await?;
    noted(tx, "sign-dkim-key", key, (State::Waiting, Some(State::Signing))).await?;
    for old in tx.dkim_keys_of(key.domain_id).await?.into_iter().filter(|k| gone.contains(&k.selector)) {
        noted(tx, "retire-dkim-key", &old, (State::Signing, Some(State::Retiring))).await?;
    }
    Ok(())
}

/// Puts a waiting key to use; the one of its kind that signed is on its way out.
///
/// # Errors
/// `NotFound`; the field `key` if it does not wait, `force` if, unless it is set, its record is not answered.
pub(crate) async fn sign(app: &App, actor: &Actor, key: &KeyRow, force: bool) -> Result<(), MailError> {
    if key.state() != State::Waiting {
        return Err(field("key", "this key does not wait any more"));
    }
    if !force {
        let asker = Asker::new(&app.context.settings.dns).map_err(|reason| field("force", reason))?;
        match answered(&asker, key).await {
            Ok(true) => {}
            Ok(false) => return Err(field("force", "the DNS does not answer with this key yet")),
            Err(_) => return Err(field("force", "nobody answers for this name; nothing can be said of its record")),
        }
    }
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    tx.dkim_seen(key.id).await?;
    put_to_use(&mut tx, key).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a key that signs out of use; its record stays needed for a while.
///
/// # Errors
/// `NotFound`; the field `key` if it does not sign.
pub(crate) async fn retire(app: &App, actor: &Actor, key: &KeyRow) -> Result<(), MailError> {
    if key.state() != State::Signing {
        return Err(field("key", "this key does not sign"));
    }
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    tx.lock_dkim_keys(key.domain_id).await?;
    tx.dkim_retire(key.id).await?;
    noted(&mut tx, "retire-dkim-key", key, (State::Signing, Some(State::Retiring))).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes a key that has never signed.
///
/// # Errors
/// `NotFound`; the field `key` if it has.
pub(crate) async fn drop_key(app: &App, actor: &Actor, key: &KeyRow) -> Result<(), MailError> {
    if key.state() != State::Waiting {
        return Err(field("key", "this key has signed: receivers may still look for it"));
    }
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    tx.lock_dkim_keys(key.domain_id).await?;
    tx.dkim_drop(key.id).await?;
    noted(&mut tx, "delete-dkim-key", key, (State::Waiting, None)).await?;
    tx.commit().await?;
    Ok(())
}

/// Keys that a round may take further.
async fn open(context: &Context, scope: &Scope) -> Result<Vec<KeyRow>, StoreError> {
    let before = |days: i64| context.clock.now() - chrono::Duration::days(days);
    context.store.view(scope).await?.dkim_open(before(ASKED_FOR_DAYS), before(DAYS_AFTER_SIGNING)).await
}

/// Queues a round if there are keys that it could take further.
///
/// # Errors
/// When the database fails.
pub async fn wake(context: &Context) -> Result<(), StoreError> {
    let scope = Scope::for_machine("dkim");
    if !open(context, &scope).await?.is_empty() {
        let mut tx = context.store.begin(&scope, context.clock.now()).await?;
        tx.enqueue_once(ROUND, Value::Null, ROUND);
        tx.commit().await?;
    }
    Ok(())
}

/// Takes every key as far as it can go: a waiting one whose record was seen for long enough signs, one that signs no longer is
/// over when nobody checks its signatures any more.
///
/// # Errors
/// When the database fails, or there is no resolver.
pub async fn round(context: &Context) -> Result<Value, JobError> {
    let scope = Scope::for_machine("dkim");
    let open = open(context, &scope).await?;
    let asker = Asker::new(&context.settings.dns).map_err(JobError::Retry)?;
    let until = tokio::time::Instant::now() + ROUND_LASTS;
    // In the order of their age, so that of two that could sign the newer one does in the end.
    let asked: Vec<(KeyRow, Option<bool>)> = stream::iter(open)
        .map(|key| {
            let asker = &asker;
            async move {
                let waits = key.state() == State::Waiting;
                let asking = async { if waits { answered(asker, &key).await.ok() } else { None } };
                let there = tokio::time::timeout_at(until, asking).await.ok().flatten();
                (key, there)
            }
        })
        .buffered(ASKED_AT_ONCE)
        .collect()
        .await;
    let (mut signing, mut retired) = (0, 0);
    for (key, there) in asked {
        let now = context.clock.now();
        let mut tx = context.store.begin(&scope, now).await?;
        match (key.state(), key.seen_at) {
            (State::Waiting, Some(seen))
                if there == Some(true) && (now - seen).num_seconds() >= SEEN_BEFORE_SIGNING_SECONDS =>
            {
                match put_to_use(&mut tx, &key).await {
                    // Somebody was faster.
                    Err(StoreError::NotFound) => continue,
                    other => other?,
                }
                signing += 1;
            }
            (State::Waiting, None) if there == Some(true) => tx.dkim_seen(key.id).await?,
            // Taken out again, it begins anew.
            (State::Waiting, Some(_)) if there == Some(false) => tx.dkim_unseen(key.id).await?,
            (State::Retiring, ..) => {
                tx.lock_dkim_keys(key.domain_id).await?;
                match tx.dkim_end(key.id).await {
                    Err(StoreError::NotFound) => continue,
                    other => other?,
                }
                noted(&mut tx, "end-dkim-key", &key, (State::Retiring, Some(State::Retired))).await?;
                retired += 1;
            }
            _ => continue,
        }
        tx.commit().await?;
    }
    Ok(json!({ "signing": signing, "retired": retired }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_two_halves_that_fit_their_records() {
        let (public, private) = halves(Algorithm::Rsa2048).unwrap();
        assert!(public.len() == 392 && private.starts_with("-----BEGIN PRIVATE KEY-----\n"), "{public}");
        let (public, private) = halves(Algorithm::Ed25519).unwrap();
        assert_eq!((public.len(), private.trim().len()), (44, 44));
        assert_ne!(halves(Algorithm::Ed25519).unwrap().0, public);
    }

    #[test]
    fn a_name_is_never_given_twice() {
        let mut taken = HashSet::new();
        for wanted in ["r20261126", "r20261126-2", "r20261126-3"] {
            let name = name(Algorithm::Rsa2048, "20261126", &taken).unwrap();
            assert_eq!(name.as_str(), wanted);
            taken.insert(name.to_string());
        }
    }
}
