//! TLS that tells what is wrong with a certificate instead of ending there: what a visitor would be warned of is what is asked.

use std::sync::{Arc, Mutex};
use tokio_rustls::rustls::{
    self, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};

/// What is wrong with the certificate that was shown, once it was.
type Problem = Arc<Mutex<Option<String>>>;

/// Holds a certificate against the name and the time, notes what is wrong, and goes on.
#[derive(Debug)]
struct Noting {
    inner: Arc<WebPkiServerVerifier>,
    problem: Problem,
}

fn told(error: &rustls::Error) -> String {
    use rustls::CertificateError as Bad;
    match error {
        rustls::Error::InvalidCertificate(Bad::Expired | Bad::ExpiredContext { .. }) => "expired".to_owned(),
        rustls::Error::InvalidCertificate(Bad::NotValidYet | Bad::NotValidYetContext { .. }) => {
            "not valid yet".to_owned()
        }
        rustls::Error::InvalidCertificate(Bad::NotValidForName | Bad::NotValidForNameContext { .. }) => {
            "for another name".to_owned()
        }
        rustls::Error::InvalidCertificate(Bad::UnknownIssuer) => "of an unknown issuer".to_owned(),
        other => other.to_string().chars().take(200).collect(),
    }
}

impl ServerCertVerifier for Noting {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Err(error) = self.inner.verify_server_cert(end_entity, intermediates, name, ocsp, now)
            && let Ok(mut problem) = self.problem.lock()
        {
            *problem = Some(told(&error));
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Makes connections' configurations: the authorities and the ciphers are read once.
pub(super) struct Authorities {
    verifier: Arc<WebPkiServerVerifier>,
    provider: Arc<CryptoProvider>,
}

impl Authorities {
    /// Those of Mozilla's list.
    ///
    /// # Errors
    /// When the list cannot be used.
    pub(super) fn new() -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        Ok(Self { verifier: verifier.build().map_err(|e| e.to_string())?, provider })
    }

    /// A configuration for one connection, and where it notes what is wrong.
    ///
    /// # Errors
    /// When there is no version of TLS to speak.
    pub(super) fn config(&self) -> Result<(Arc<ClientConfig>, Problem), String> {
        let problem = Arc::new(Mutex::new(None));
        let noting = Noting { inner: self.verifier.clone(), problem: problem.clone() };
        let config = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(noting))
            .with_no_client_auth();
        Ok((Arc::new(config), problem))
    }
}
