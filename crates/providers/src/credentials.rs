use std::borrow::Cow;

use wire::{Secret, Timestamp};

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
