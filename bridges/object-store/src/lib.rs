#![doc = include_str!("../README.md")]

use std::fmt;
use std::sync::Arc;

use object_store::aws::AwsCredential;
use object_store::{CredentialProvider, Error, Result};
use providers::{Cached, Clock, ProvideCredentials};

/// Provides S3 in `object_store` with the credentials of a provider of keyfob.
///
/// `object_store` asks before each request and knows no expiry, so they are kept here, by [`Cached`],
/// until shortly before they expire.
#[derive(Clone)]
pub struct S3Credentials<P>(Cached<P>);

impl<P: ProvideCredentials + 'static> S3Credentials<P> {
    /// Takes the credentials from there.
    pub fn new(provider: P, clock: Arc<dyn Clock>) -> Self {
        Self(Cached::new(provider, clock))
    }
}

impl<P: ProvideCredentials + 'static> fmt::Debug for S3Credentials<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("S3Credentials").field(&self.0.name()).finish()
    }
}

#[async_trait::async_trait]
impl<P: ProvideCredentials + 'static> CredentialProvider for S3Credentials<P> {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> Result<Arc<AwsCredential>> {
        let credentials = ProvideCredentials::provide(&self.0).await;
        let credentials =
            credentials.map_err(|source| Error::Generic { store: "S3", source: source.into() })?;
        Ok(Arc::new(AwsCredential {
            key_id: credentials.access_key_id,
            secret_key: credentials.secret_access_key.expose().clone(),
            token: credentials.session_token.map(|token| token.expose().clone()),
        }))
    }
}
