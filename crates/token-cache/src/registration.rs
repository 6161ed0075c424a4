use std::time::Duration;

use wire::{Members, Secret, Timestamp};

use crate::{FormatError, object, quoted, quoted_secret, time};

/// A client registration, in the file that the AWS CLI shares with us.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CachedRegistration {
    /// `clientId`
    pub client_id: String,
    /// `clientSecret`
    pub client_secret: Secret<String>,
    /// `expiresAt`
    pub expires_at: Timestamp,
    /// `scopes` that were registered.
    pub scopes: Option<Vec<String>>,
    /// `grantTypes` that were registered; a device-code registration has none.
    pub grant_types: Option<Vec<String>>,
}

/// The flow that a registration is for. The service refuses both in one, and the AWS CLI keeps
/// both under one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the two ways to sign in")]
pub enum Flow {
    /// Authorization code with PKCE.
    AuthorizationCode,
    /// Device code.
    DeviceCode,
}

/// A registration with less than this left is not used, as in the AWS CLI.
const MIN_LEFT: Duration = Duration::from_secs(15 * 60);

impl CachedRegistration {
    /// Makes the content of a registration file.
    pub fn new(client_id: String, client_secret: Secret<String>, expires_at: Timestamp) -> Self {
        Self { client_id, client_secret, expires_at, scopes: None, grant_types: None }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Fails where the bytes are not a JSON object or no registration.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut members = crate::members(bytes)?;
        Ok(Self {
            client_id: members.take_text("clientId").ok_or(FormatError::Missing("clientId"))?,
            client_secret: members
                .take_secret("clientSecret")
                .ok_or(FormatError::Missing("clientSecret"))?,
            expires_at: time(&mut members, "expiresAt").ok_or(FormatError::Missing("expiresAt"))?,
            scopes: members.take_strings("scopes"),
            grant_types: members.take_strings("grantTypes"),
        })
    }

    /// Writes the file as the AWS CLI does.
    pub fn to_vec(&self) -> Secret<Vec<u8>> {
        let list = |texts: &Vec<String>| serde_json::Value::from(texts.as_slice()).to_string();
        object(
            [
                ("clientId", Some(quoted(&self.client_id))),
                ("clientSecret", Some(quoted_secret(&self.client_secret))),
                ("expiresAt", Some(quoted(&self.expires_at.to_string()))),
                ("scopes", self.scopes.as_ref().map(list)),
                ("grantTypes", self.grant_types.as_ref().map(list)),
            ],
            &Members::default(),
        )
    }

    /// Whether the registration can be used for `flow` at `now`.
    pub fn serves(&self, flow: Flow, now: Timestamp) -> bool {
        let code = self
            .grant_types
            .as_ref()
            .is_some_and(|grants| grants.iter().any(|grant| grant == "authorization_code"));
        let fits = match flow {
            Flow::AuthorizationCode => code,
            Flow::DeviceCode => !code,
        };
        fits && now.until(self.expires_at) >= MIN_LEFT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_serves_its_own_flow_until_it_is_old() {
        let json = br#"{"clientId":"c","clientSecret":"s","expiresAt":"2026-04-02T03:04:05Z","scopes":["sso:account:access"],"grantTypes":["authorization_code","refresh_token"]}"#;
        let registration = CachedRegistration::from_slice(json).unwrap();
        assert_eq!(registration.to_vec().expose(), json);
        let now = Timestamp::parse("2026-04-02T02:00:00Z").unwrap();
        assert!(registration.serves(Flow::AuthorizationCode, now));
        assert!(!registration.serves(Flow::DeviceCode, now));
        let last = Timestamp::parse("2026-04-02T02:49:05Z").unwrap();
        assert!(registration.serves(Flow::AuthorizationCode, last));
        let late = Timestamp::parse("2026-04-02T02:49:06Z").unwrap();
        assert!(!registration.serves(Flow::AuthorizationCode, late));
    }

    #[test]
    fn a_registration_without_grants_is_one_for_device_codes() {
        let json = br#"{"clientId":"c","clientSecret":"s","expiresAt":"2026-04-02T03:04:05UTC"}"#;
        let registration = CachedRegistration::from_slice(json).unwrap();
        let now = Timestamp::from_unix(0);
        assert!(registration.serves(Flow::DeviceCode, now));
        assert!(!registration.serves(Flow::AuthorizationCode, now));
        let grants = vec!["urn:ietf:params:oauth:grant-type:device_code".to_owned()];
        let registration = CachedRegistration { grant_types: Some(grants), ..registration };
        assert!(registration.serves(Flow::DeviceCode, now));
        assert!(!registration.serves(Flow::AuthorizationCode, now));
    }

    #[test]
    fn a_token_is_no_registration() {
        let json = br#"{"accessToken":"a","expiresAt":"2026-04-02T03:04:05Z"}"#;
        let error = CachedRegistration::from_slice(json).unwrap_err();
        assert_eq!(error, FormatError::Missing("clientId"));
    }
}
