use std::borrow::Cow;

use token_cache::CachedCredentials;
use wire::{Secret, SessionCredentials, Timestamp};

/// AWS credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credentials {
    /// The access key id; not a secret by itself.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret<String>,
    /// The session token, absent for long-term keys.
    pub session_token: Option<Secret<String>>,
    /// Until when they are valid, absent where they do not expire.
    pub expiration: Option<Timestamp>,
    /// The account, where it is known.
    pub account_id: Option<String>,
    /// How they were got: where the first credentials came from, then each role.
    pub sources: Vec<Source>,
}

/// A step on the way to credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// The name of the provider, as [`ProvideCredentials::name`](crate::ProvideCredentials::name)
    /// has it.
    pub provider: Cow<'static, str>,
    /// Which role, file or command it was. It holds no secret.
    pub detail: String,
    /// Until when the credentials of this step are valid, absent where they do not expire.
    pub expiration: Option<Timestamp>,
}

impl Credentials {
    /// Makes credentials of unknown origin.
    pub fn new(
        access_key_id: String,
        secret_access_key: Secret<String>,
        session_token: Option<Secret<String>>,
        expiration: Option<Timestamp>,
        account_id: Option<String>,
    ) -> Self {
        let sources = Vec::new();
        Self { access_key_id, secret_access_key, session_token, expiration, account_id, sources }
    }

    /// Returns the credentials without account and origin; `None` for long-term keys.
    pub fn session_credentials(&self) -> Option<SessionCredentials> {
        Some(SessionCredentials {
            access_key_id: self.access_key_id.clone(),
            secret_access_key: self.secret_access_key.clone(),
            session_token: self.session_token.clone()?,
            expiration: self.expiration?,
        })
    }

    /// Returns what a cache file holds; credentials without an end are not cached.
    pub(crate) fn to_cached(&self) -> Option<CachedCredentials> {
        let account_id = self.account_id.clone();
        Some(CachedCredentials { keys: self.session_credentials()?, account_id })
    }

    /// Takes what a cache file held.
    pub(crate) fn from_cached(cached: CachedCredentials) -> Self {
        Self { account_id: cached.account_id, ..cached.keys.into() }
    }

    /// Adds the step that led to these credentials, after those that led to it.
    #[must_use]
    pub(crate) fn got_by(
        self,
        earlier: Vec<Source>,
        provider: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        let mut sources = earlier;
        sources.push(Source {
            provider: provider.into(),
            detail: detail.into(),
            expiration: self.expiration,
        });
        Self { sources, ..self }
    }
}

impl From<SessionCredentials> for Credentials {
    /// Takes temporary credentials of unknown account and origin.
    fn from(credentials: SessionCredentials) -> Self {
        let SessionCredentials { access_key_id, secret_access_key, session_token, expiration } =
            credentials;
        Self::new(access_key_id, secret_access_key, Some(session_token), Some(expiration), None)
    }
}
