#![doc = include_str!("../README.md")]

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use providers::Error;

/// Provides the AWS SDK for Rust with the credentials of a provider of keyfob.
///
/// The SDK keeps them in its own cache until shortly before they expire.
#[derive(Clone)]
pub struct SdkCredentials<P>(P);

impl<P: providers::ProvideCredentials> SdkCredentials<P> {
    /// Takes the credentials from there.
    pub fn new(provider: P) -> Self {
        Self(provider)
    }

    async fn credentials(&self) -> provider::Result {
        let credentials = self.0.provide().await.map_err(error)?;
        let mut builder = Credentials::builder()
            .access_key_id(credentials.access_key_id)
            .secret_access_key(credentials.secret_access_key.expose())
            .provider_name(self.0.name());
        builder.set_session_token(credentials.session_token.map(|token| token.expose().clone()));
        builder.set_account_id(credentials.account_id.map(Into::into));
        let expiry = credentials.expiration.map(SystemTime::try_from).transpose();
        builder.set_expiry(expiry.map_err(CredentialsError::unhandled)?);
        Ok(builder.build())
    }
}

/// Keeps the error as the source, so that a program finds [`Error::InvalidToken`] and says how to
/// sign in.
fn error(error: Error) -> CredentialsError {
    match error {
        Error::NotConfigured { .. } => CredentialsError::invalid_configuration(error),
        error => CredentialsError::provider_error(error),
    }
}

impl<P: providers::ProvideCredentials> fmt::Debug for SdkCredentials<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SdkCredentials").field(&self.0.name()).finish()
    }
}

impl<P: providers::ProvideCredentials> ProvideCredentials for SdkCredentials<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
