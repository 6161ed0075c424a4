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
}

impl Credentials {
    /// Makes credentials.
    pub fn new(
        access_key_id: String,
        secret_access_key: Secret<String>,
        session_token: Option<Secret<String>>,
        expiration: Option<Timestamp>,
        account_id: Option<String>,
    ) -> Self {
        Self { access_key_id, secret_access_key, session_token, expiration, account_id }
    }
}
