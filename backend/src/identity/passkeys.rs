//! Passkeys as second factor (WebAuthn level 2, by webauthn-rs).

use super::service::{new_token, token_hash};
use crate::platform::context::Context;
use hostler_store::{
    Scope, StoreError,
    audit::Change,
    sessions::{Session, State},
};
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url,
    Webauthn, WebauthnBuilder,
};

/// Makes and checks challenges for the panel's public address.
#[derive(Debug, Clone)]
pub struct Passkeys {
    webauthn: std::sync::Arc<Webauthn>,
}

/// Why a ceremony did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// The browser's answer is not good: which part, is for the log.
    #[error("passkey: {0}")]
    Refused(String),
    /// The store refused.
    #[error("{0}")]
    Store(#[from] StoreError),
}

fn refused(error: impl ToString) -> PasskeyError {
    PasskeyError::Refused(error.to_string())
}

impl Passkeys {
    /// For that public address. `None` where there is none, or it is one that browsers make no passkeys for: an IP
    /// address, or http anywhere but on localhost.
    #[must_use]
    pub fn new(public_url: Option<&str>) -> Option<Self> {
        let url = Url::parse(public_url?).ok()?;
        let host = url.domain()?.to_owned();
        if url.scheme() != "https" && host != "localhost" {
            return None;
        }
        let webauthn = WebauthnBuilder::new(&host, &url).ok()?.rp_name("Hostler").build().ok()?;
        Some(Self { webauthn: std::sync::Arc::new(webauthn) })
    }

    /// Begins to set up a passkey; answers what the browser needs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_registration(
        &self,
        context: &Context,
        scope: &Scope,
        session: &Session,
    ) -> Result<Value, PasskeyError> {
        let login = session.login();
        let known = keys(context, session).await?;
        let exclude = known.iter().map(|k| k.cred_id().clone()).collect();
        let (challenge, state) = self
            .webauthn
            .start_passkey_registration(login.id, &login.email, &login.name, Some(exclude))
            .map_err(refused)?;
        self.wait(context, scope, session, "register", &state).await?;
        serde_json::to_value(challenge).map_err(refused)
    }

    /// Sets the passkey up; the session goes on under the token that is answered.
    ///
    /// # Errors
    /// `Refused` if the browser's answer is not good.
    pub async fn finish_registration(
        &self,
        context: &Context,
        scope: &Scope,
        session: &Session,
        name: &str,
        answer: &RegisterPublicKeyCredential,
    ) -> Result<String, PasskeyError> {
        let state: PasskeyRegistration = waited(session, "register")?;
        let key = self.webauthn.finish_passkey_registration(answer, &state).map_err(refused)?;
        let login = session.login();
        let credential = serde_json::to_value(&key).map_err(refused)?;
        let mut tx = context.store.begin_identity(scope, context.clock.now()).await?;
        tx.add_passkey(login.id, key.cred_id().as_ref(), name, &credential).await?;
        tx.end_sessions(login.id, Some(session.id())).await?;
        let token = new_token("sessions")?;
        tx.promote_session(session.id(), &token_hash(&token), State::Full).await?;
        tx.audit(
            Change::new("add-passkey", ("login", login.id), &login.email)
                .customer(login.customer_id)
                .after(Some(&name)),
        )
        .await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Begins to check a passkey of a session that waits for its second factor.
    ///
    /// # Errors
    /// `Refused` if there is none.
    pub async fn begin_check(
        &self,
        context: &Context,
        scope: &Scope,
        session: &Session,
    ) -> Result<Value, PasskeyError> {
        let known = keys(context, session).await?;
        if known.is_empty() {
            return Err(refused("no passkey"));
        }
        let (challenge, state) = self.webauthn.start_passkey_authentication(&known).map_err(refused)?;
        self.wait(context, scope, session, "check", &state).await?;
        serde_json::to_value(challenge).map_err(refused)
    }

    /// Checks the passkey; the session goes on under the token that is answered.
    ///
    /// # Errors
    /// `Refused` if the browser's answer is not good, or the passkey was taken away meanwhile.
    pub async fn finish_check(
        &self,
        context: &Context,
        scope: &Scope,
        session: &Session,
        answer: &PublicKeyCredential,
    ) -> Result<String, PasskeyError> {
        let state: PasskeyAuthentication = waited(session, "check")?;
        let result = self.webauthn.finish_passkey_authentication(answer, &state).map_err(refused)?;
        let login = session.login();
        let mut tx = context.store.begin_identity(scope, context.clock.now()).await?;
        let (id, credential) = tx.lock_passkey(login.id, result.cred_id().as_ref()).await?;
        let mut key: Passkey = serde_json::from_value(credential).map_err(refused)?;
        key.update_credential(&result);
        tx.touch_passkey(id, &serde_json::to_value(&key).map_err(refused)?).await?;
        let token = new_token("sessions")?;
        tx.promote_session(session.id(), &token_hash(&token), State::Full).await?;
        tx.commit().await?;
        Ok(token)
    }

    async fn wait<T: serde::Serialize>(
        &self,
        context: &Context,
        scope: &Scope,
        session: &Session,
        what: &str,
        state: &T,
    ) -> Result<(), PasskeyError> {
        let state = serde_json::to_value(state).map_err(refused)?;
        let mut tx = context.store.begin_identity(scope, context.clock.now()).await?;
        tx.set_pending(session.id(), Some(&json!({ what: state }))).await?;
        Ok(tx.commit().await?)
    }
}

/// What the session waits for. It is used up with the session's token, which changes when the ceremony succeeds.
fn waited<T: serde::de::DeserializeOwned>(session: &Session, what: &str) -> Result<T, PasskeyError> {
    let state = session.pending().and_then(|p| p.get(what)).cloned().ok_or_else(|| refused("no challenge"))?;
    serde_json::from_value(state).map_err(refused)
}

async fn keys(context: &Context, session: &Session) -> Result<Vec<Passkey>, PasskeyError> {
    let factors = context.store.factors(session.login().id).await?;
    factors.passkeys.into_iter().map(|row| serde_json::from_value(row.credential).map_err(refused)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_need_an_address_that_browsers_accept() {
        assert!(Passkeys::new(Some("https://panel.example")).is_some());
        assert!(Passkeys::new(Some("http://localhost:8080")).is_some());
        for none in [None, Some("http://panel.example"), Some("https://192.0.2.1"), Some("panel")] {
            assert!(Passkeys::new(none).is_none(), "{none:?}");
        }
    }
}
