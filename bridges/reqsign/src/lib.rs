#![doc = include_str!("../README.md")]

use std::fmt;

use providers::{Error, ProvideCredentials};
use reqsign_aws_v4::Credential;
use reqsign_core::time::Timestamp;
use reqsign_core::{Context, ErrorKind, ProvideCredential, Result};

/// Provides reqsign, and so OpenDAL, with the credentials of a provider of keyfob.
///
/// The signer of reqsign keeps them until shortly before they expire.
#[derive(Clone)]
pub struct ReqsignCredentials<P>(P);

impl<P: ProvideCredentials> ReqsignCredentials<P> {
    /// Takes the credentials from there.
    pub fn new(provider: P) -> Self {
        Self(provider)
    }
}

impl<P: ProvideCredentials> fmt::Debug for ReqsignCredentials<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReqsignCredentials").field(&self.0.name()).finish()
    }
}

impl<P: ProvideCredentials + Unpin + 'static> ProvideCredential for ReqsignCredentials<P> {
    type Credential = Credential;

    async fn provide_credential(&self, _: &Context) -> Result<Option<Credential>> {
        let credentials = self.0.provide().await.map_err(error)?;
        let expires_in = credentials.expiration.map(|end| Timestamp::from_second(end.unix()));
        Ok(Some(Credential {
            access_key_id: credentials.access_key_id,
            secret_access_key: credentials.secret_access_key.expose().clone(),
            session_token: credentials.session_token.map(|token| token.expose().clone()),
            expires_in: expires_in.transpose()?,
        }))
    }
}

/// Keeps the error as the source, so that a program finds [`Error::InvalidToken`] and says how to
/// sign in.
fn error(error: Error) -> reqsign_core::Error {
    let kind = match &error {
        Error::InvalidToken { .. } | Error::Lost { .. } | Error::MfaRequired { .. } => {
            ErrorKind::CredentialInvalid
        }
        Error::Forbidden { .. } => ErrorKind::PermissionDenied,
        Error::NotConfigured { .. } => ErrorKind::ConfigInvalid,
        _ => ErrorKind::Unexpected,
    };
    let is_retryable = !error.is_final();
    reqsign_core::Error::new(kind, error.to_string()).with_source(error).set_retryable(is_retryable)
}
