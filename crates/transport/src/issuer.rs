use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Uri;
use hyper_rustls::HttpsConnector;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tower_service::Service;
use yasna::models::ObjectIdentifier;
use yasna::{ASN1Result, BERReader, Tag};

use crate::Proxies;
use crate::connect::Router;
use crate::tls::Connected;

/// How long a host is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who signed the certificate that a host presents: on the way through a proxy that opens TLS it is
/// the one of the proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Issuer {
    /// `O`, such as `Amazon`.
    pub organization: Option<String>,
    /// `CN`, such as `Amazon RSA 2048 M02`.
    pub common_name: Option<String>,
}

impl Issuer {
    /// Asks the host of a URL for its certificate, trusted or not. The handshake is broken off
    /// before anything is sent.
    ///
    /// Returns `None` where the host cannot be reached within ten seconds or speaks no TLS.
    pub async fn of(proxies: &Proxies, url: &Uri) -> Option<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let seen = Arc::new(Seen { provider: provider.clone(), issuer: Mutex::default() });
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .ok()?
            .dangerous() // nothing is trusted: `Seen` refuses everything
            .with_custom_certificate_verifier(seen.clone())
            .with_no_client_auth();
        let handshake = async {
            let connected = Router::new(proxies.clone()).call(url.clone()).await.ok()?;
            let mut connector =
                HttpsConnector::from((Connected::from(connected), Arc::new(config)));
            connector.call(url.clone()).await.err() // it is refused
        };
        let _ = tokio::time::timeout(PATIENCE, handshake).await;
        seen.issuer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn read(certificate: &CertificateDer<'_>) -> ASN1Result<Self> {
        yasna::parse_der(certificate, |reader| {
            reader.read_sequence(|reader| {
                let issuer = reader.next().read_sequence(|reader| {
                    let version = Tag::context(0);
                    reader.read_optional(|reader| {
                        reader.read_tagged(version, |reader| reader.read_der())
                    })?;
                    reader.next().read_der()?; // serial number
                    reader.next().read_der()?; // algorithm
                    let issuer = name(reader.next())?;
                    while reader.read_optional(|reader| reader.read_der())?.is_some() {}
                    Ok(issuer)
                })?;
                while reader.read_optional(|reader| reader.read_der())?.is_some() {}
                Ok(issuer)
            })
        })
    }
}

/// Reads a distinguished name.
fn name(reader: BERReader<'_, '_>) -> ASN1Result<Issuer> {
    let organization = ObjectIdentifier::from_slice(&[2, 5, 4, 10]);
    let common_name = ObjectIdentifier::from_slice(&[2, 5, 4, 3]);
    let mut issuer = Issuer::default();
    reader.read_sequence_of(|reader| {
        reader.read_set_of(|reader| {
            reader.read_sequence(|reader| {
                let kind = reader.next().read_oid()?;
                let value = reader.next().read_tagged_der()?;
                let text = || Some(String::from_utf8_lossy(value.value()).into_owned());
                if kind == organization {
                    issuer.organization = text();
                } else if kind == common_name {
                    issuer.common_name = text();
                }
                Ok(())
            })
        })
    })?;
    Ok(issuer)
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.organization, &self.common_name) {
            (Some(organization), Some(name)) => write!(f, "{name} ({organization})"),
            (Some(name), None) | (None, Some(name)) => f.write_str(name),
            (None, None) => f.write_str("an issuer without a name"),
        }
    }
}

/// Looks at the certificate of a server, and refuses it.
#[derive(Debug)]
struct Seen {
    provider: Arc<CryptoProvider>,
    issuer: Mutex<Option<Issuer>>,
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let issuer = Issuer::read(end_entity).ok();
        *self.issuer.lock().unwrap_or_else(PoisonError::into_inner) = issuer;
        Err(refused())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(refused())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(refused())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn refused() -> Error {
    Error::General("the certificate was only looked at".to_owned())
}
