use wire::{Members, Secret, Timestamp};

use crate::{FormatError, object, quoted, quoted_secret, time};

/// An SSO token file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CachedToken {
    /// `accessToken`, never empty.
    pub access_token: Secret<String>,
    /// `expiresAt`; one that cannot be read as a time lies in 1970.
    pub expires_at: Timestamp,
    /// `startUrl` as configured.
    pub start_url: Option<String>,
    /// `region`, the `sso_region`.
    pub region: Option<String>,
    /// `clientId` of the registration that the token was issued to.
    pub client_id: Option<String>,
    /// `clientSecret` of that registration.
    pub client_secret: Option<Secret<String>>,
    /// `registrationExpiresAt`
    pub registration_expires_at: Option<Timestamp>,
    /// `refreshToken`
    pub refresh_token: Option<Secret<String>>,
    /// The members of other tools, written back as they were.
    pub rest: Members,
}

impl CachedToken {
    /// Makes a token without what it takes to renew it.
    pub fn new(access_token: Secret<String>, expires_at: Timestamp) -> Self {
        Self {
            access_token,
            expires_at,
            start_url: None,
            region: None,
            client_id: None,
            client_secret: None,
            registration_expires_at: None,
            refresh_token: None,
            rest: Members::default(),
        }
    }

    /// Reads the file of any SDK: names in any case, `null` and wrong types as absent, any form of
    /// time, a byte order mark.
    ///
    /// # Errors
    /// Fails where the bytes are not a JSON object, or hold no access token or no expiry.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, FormatError> {
        Self::from_members(crate::members(bytes)?)
    }

    /// Reads the first JSON object of a file behind which the rest of a longer one was left by a
    /// program that writes in place.
    ///
    /// # Errors
    /// Fails where the bytes do not begin with a whole token.
    pub fn salvage(bytes: &[u8]) -> Result<Self, FormatError> {
        Self::from_members(Members::first_of(bytes).map_err(|source| FormatError::syntax(&source))?)
    }

    /// Reads a token, or salvages it.
    ///
    /// # Errors
    /// As [`CachedToken::from_slice`].
    pub fn read(bytes: &[u8]) -> Result<Self, FormatError> {
        Self::from_slice(bytes).or_else(|error| Self::salvage(bytes).map_err(|_| error))
    }

    fn from_members(mut members: Members) -> Result<Self, FormatError> {
        let access_token =
            members.take_secret("accessToken").ok_or(FormatError::Missing("accessToken"))?;
        let expires_at =
            members.take_string("expiresAt").ok_or(FormatError::Missing("expiresAt"))?;
        Ok(Self {
            access_token,
            expires_at: Timestamp::parse(&expires_at).unwrap_or(Timestamp::from_unix(0)),
            start_url: members.take_text("startUrl"),
            region: members.take_text("region"),
            client_id: members.take_text("clientId"),
            client_secret: members.take_secret("clientSecret"),
            registration_expires_at: time(&mut members, "registrationExpiresAt"),
            refresh_token: members.take_secret("refreshToken"),
            rest: members,
        })
    }

    /// Writes the file so that every SDK reads it: one line, names and order of the AWS CLI, times
    /// with `Z`, no `null` and nothing empty.
    pub fn to_vec(&self) -> Secret<Vec<u8>> {
        object(
            [
                ("startUrl", self.start_url.as_deref().map(quoted)),
                ("region", self.region.as_deref().map(quoted)),
                ("accessToken", Some(quoted_secret(&self.access_token))),
                ("expiresAt", Some(quoted(&self.expires_at.to_string()))),
                ("clientId", self.client_id.as_deref().map(quoted)),
                ("clientSecret", self.client_secret.as_ref().map(quoted_secret)),
                (
                    "registrationExpiresAt",
                    self.registration_expires_at.map(|time| quoted(&time.to_string())),
                ),
                ("refreshToken", self.refresh_token.as_ref().map(quoted_secret)),
            ],
            &self.rest,
        )
    }

    /// Whether the access token is of no use any more at `now`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }

    /// Whether the file holds all that a refresh takes, with a registration that lives at `now`.
    pub fn is_refreshable(&self, now: Timestamp) -> bool {
        self.refresh_token.is_some()
            && self.client_id.is_some()
            && self.client_secret.is_some()
            && self.registration_expires_at.is_none_or(|expires_at| expires_at > now)
    }

    /// Whether the token was issued for the portal at `start_url`.
    ///
    /// Sessions of two config files may share a name and then a file; a token that names another
    /// portal must not be sent to this one. Trailing slashes and `#` do not make another portal.
    pub fn belongs_to(&self, start_url: &str) -> bool {
        let bare = |url: &str| url.trim_end_matches(['/', '#']).to_ascii_lowercase();
        self.start_url.as_deref().is_none_or(|own| bare(own) == bare(start_url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_written_as_the_aws_cli_writes_it() {
        let json = r#"{"startUrl":"https://d-1.awsapps.com/start","region":"eu-west-1","accessToken":"at","expiresAt":"2026-01-02T03:04:05Z","clientId":"c","clientSecret":"s","registrationExpiresAt":"2026-04-02T03:04:05Z","refreshToken":"rt","note":{"kept": [1.10, null]}}"#;
        let token = CachedToken::from_slice(json.as_bytes()).unwrap();
        assert_eq!(std::str::from_utf8(token.to_vec().expose()).unwrap(), json);
    }

    #[test]
    fn what_other_tools_leave_behind_is_read() {
        let json = "\u{feff}{\"AccessToken\":\"at\",\"expiresAt\":\"2026-01-02T03:04:05UTC\",\
                    \"refreshToken\":null,\"clientId\":7,\"registrationExpiresAt\":\"soon\"}\n";
        let token = CachedToken::from_slice(json.as_bytes()).unwrap();
        assert_eq!(token.expires_at.to_string(), "2026-01-02T03:04:05Z");
        assert!(token.refresh_token.is_none() && token.client_id.is_none());
        assert_eq!(token.registration_expires_at, None);
        let written = token.to_vec();
        assert_eq!(
            std::str::from_utf8(written.expose()).unwrap(),
            r#"{"accessToken":"at","expiresAt":"2026-01-02T03:04:05Z"}"#
        );
    }

    #[test]
    fn other_files_are_told_apart_from_torn_ones() {
        let error = |json: &str| CachedToken::from_slice(json.as_bytes()).unwrap_err();
        let registration =
            r#"{"clientId":"c","clientSecret":"s","expiresAt":"2026-01-02T03:04:05Z"}"#;
        assert_eq!(error(registration), FormatError::Missing("accessToken"));
        assert_eq!(error(r#"{"accessToken":"a"}"#), FormatError::Missing("expiresAt"));
        assert_eq!(
            error(r#"{"accessToken":"","expiresAt":"x"}"#),
            FormatError::Missing("accessToken")
        );
        assert!(matches!(error(r#"{"accessToken":"a","#), FormatError::Syntax { .. }));
        assert!(matches!(error(""), FormatError::Syntax { .. }));
        assert!(matches!(error("[1]"), FormatError::Syntax { .. }));
    }

    #[test]
    fn a_token_before_trailing_garbage_is_salvaged() {
        let torn = br#"{"accessToken":"a","expiresAt":"2026-01-02T03:04:05Z"}5Z"}"#;
        assert!(CachedToken::from_slice(torn).is_err());
        assert_eq!(CachedToken::salvage(torn).unwrap().access_token.expose(), "a");
    }

    #[test]
    fn neither_debug_nor_errors_show_a_secret() {
        let json = r#"{"accessToken":"hunter2","clientSecret":"hunter2","refreshToken":"hunter2",
            "expiresAt":"2026-01-02T03:04:05Z"}"#;
        let token = CachedToken::from_slice(json.as_bytes()).unwrap();
        assert!(!format!("{token:?}").contains("hunter2"));
        let torn = CachedToken::from_slice(br#"{"accessToken":"hunter2" "#).unwrap_err();
        assert!(!format!("{torn:?} {torn}").contains("hunter2"));
    }

    #[test]
    fn a_token_of_another_portal_is_known_as_such() {
        let json = r#"{"accessToken":"a","expiresAt":"2026-01-02T03:04:05Z",
            "startUrl":"https://d-1.awsapps.com/start"}"#;
        let token = CachedToken::from_slice(json.as_bytes()).unwrap();
        assert!(token.belongs_to("https://d-1.awsapps.com/start/#/"));
        assert!(!token.belongs_to("https://d-2.awsapps.com/start"));
    }
}
