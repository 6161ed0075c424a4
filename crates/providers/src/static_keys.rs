use shared_config::Environment;
use wire::{Secret, Timestamp};

use crate::{Credentials, CredentialsFuture, Error, ProvideCredentials};

/// Keys that are given.
#[derive(Clone, Debug)]
pub struct Static(Credentials);

/// The keys of the environment, captured once: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
/// `AWS_SESSION_TOKEN`, `AWS_CREDENTIAL_EXPIRATION` and `AWS_ACCOUNT_ID`.
#[derive(Clone, Debug)]
pub struct EnvironmentKeys(Credentials);

impl Static {
    /// Provides these credentials; `detail` tells people where they stand.
    pub fn new(credentials: Credentials, detail: &str) -> Self {
        Self(credentials.got_by(Vec::new(), "static keys", detail))
    }
}

impl EnvironmentKeys {
    /// Whether the environment has both keys; blanks are none, what cannot be read is one.
    pub(crate) fn is_set(environment: &Environment) -> bool {
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].iter().all(|name| {
            let value = environment.get_os(name).unwrap_or_default();
            value.to_str().is_none_or(|text| !text.trim().is_empty())
        })
    }

    /// Takes the keys of the environment.
    ///
    /// # Errors
    /// Fails with [`Error::NotConfigured`] where the environment has not both keys.
    pub fn new(environment: &Environment) -> Result<Self, Error> {
        let get = |name| -> Result<_, Error> {
            Ok(environment.text(name)?.filter(|value| !value.trim().is_empty()))
        };
        let (Some(id), Some(secret)) = (get("AWS_ACCESS_KEY_ID")?, get("AWS_SECRET_ACCESS_KEY")?)
        else {
            let reason = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set";
            return Err(Error::not_configured("environment", reason));
        };
        let expiration = get("AWS_CREDENTIAL_EXPIRATION")?;
        let credentials = Credentials::new(
            id.to_owned(),
            Secret::from(secret),
            get("AWS_SESSION_TOKEN")?.map(Secret::from),
            expiration.and_then(|text| Timestamp::parse(text).ok()),
            get("AWS_ACCOUNT_ID")?.map(str::to_owned),
        );
        Ok(Self(credentials.got_by(Vec::new(), "environment", "AWS_ACCESS_KEY_ID")))
    }
}

impl ProvideCredentials for Static {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(async { Ok(self.0.clone()) })
    }

    fn name(&self) -> &'static str {
        "static keys"
    }
}

impl ProvideCredentials for EnvironmentKeys {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(async { Ok(self.0.clone()) })
    }

    fn name(&self) -> &'static str {
        "environment"
    }
}

#[cfg(test)]
mod tests {
    use futures_lite::future::block_on;

    use super::*;

    const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "S")];

    #[test]
    fn the_keys_of_the_environment_come_with_what_stands_beside_them() {
        let beside = [
            ("AWS_SESSION_TOKEN", "T"),
            ("AWS_CREDENTIAL_EXPIRATION", "2026-01-02T03:04:05Z"),
            ("AWS_ACCOUNT_ID", "111122223333"),
        ];
        let environment = Environment::from_pairs(KEYS.into_iter().chain(beside));
        let provider = EnvironmentKeys::new(&environment).unwrap();
        let keys = block_on(provider.provide()).unwrap();
        assert_eq!((keys.access_key_id.as_str(), &**keys.secret_access_key.expose()), ("A", "S"));
        assert_eq!(keys.session_token, Some(Secret::from("T")));
        assert_eq!(keys.expiration, Some(Timestamp::from_unix(1_767_323_045)));
        assert_eq!(keys.account_id.as_deref(), Some("111122223333"));
        assert_eq!((provider.name(), &*keys.sources[0].provider), ("environment", "environment"));
    }

    #[test]
    fn one_key_or_a_blank_one_is_none() {
        assert!(EnvironmentKeys::is_set(&Environment::from_pairs(KEYS)));
        for [id, secret] in [["A", ""], ["", "S"], ["A", " "], ["\t", "S"]] {
            let environment = Environment::from_pairs([(KEYS[0].0, id), (KEYS[1].0, secret)]);
            assert!(!EnvironmentKeys::is_set(&environment));
            let error = EnvironmentKeys::new(&environment).unwrap_err();
            assert!(matches!(error, Error::NotConfigured { .. }), "{error}");
        }
    }
}
