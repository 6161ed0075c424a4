use std::time::Duration;

use wire::{Members, Secret, SessionCredentials, Timestamp};

use crate::{FormatError, SessionKey, object, quoted, quoted_secret, time};

/// An entry of the AWS CLI's cache of SSO role credentials (`~/.aws/cli/cache`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CachedRole {
    /// `Credentials`
    pub credentials: CachedCredentials,
    /// `Origin`: what the name of the file does not tell; absent where another tool wrote it.
    pub origin: Option<Origin>,
    /// The members of other tools, written back as they were.
    pub rest: Members,
}

/// Role credentials as the AWS CLI keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built by literal where an entry is written")]
pub struct CachedCredentials {
    /// `AccessKeyId`, `SecretAccessKey`, `SessionToken` and `Expiration`.
    pub keys: SessionCredentials,
    /// `AccountId`, absent in files of older AWS CLIs.
    pub account_id: Option<String>,
}

/// Where and when role credentials were fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built by literal where an entry is written")]
pub struct Origin {
    /// `startUrl` as configured.
    pub start_url: String,
    /// `region`, the `sso_region`.
    pub region: String,
    /// `sessionName`, absent for a legacy start URL.
    pub session_name: Option<String>,
    /// `accountId`
    pub account_id: String,
    /// `roleName`
    pub role_name: String,
    /// `fetchedAt`
    pub fetched_at: Timestamp,
}

/// The life that is assumed where nobody wrote when the credentials were fetched.
const ASSUMED_LIFE: Duration = Duration::from_secs(3600);

/// botocore asks again at once for credentials with less than 15 minutes left.
const MIN_LEFT: Duration = Duration::from_secs(15 * 60 + 30);

impl CachedRole {
    /// Makes an entry.
    pub fn new(credentials: CachedCredentials, origin: Option<Origin>) -> Self {
        Self { credentials, origin, rest: Members::default() }
    }

    /// Reads an entry of the AWS CLI or of ours.
    ///
    /// # Errors
    /// Fails where the bytes are not a JSON object with `ProviderType` `sso` and whole credentials;
    /// the folder also holds entries of other kinds.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut members = crate::members(bytes)?;
        if members.take_text("ProviderType").as_deref() != Some("sso") {
            return Err(FormatError::Missing("ProviderType"));
        }
        let origin = members.take_object("Origin").and_then(Origin::from_members);
        let mut credentials =
            members.take_object("Credentials").ok_or(FormatError::Missing("Credentials"))?;
        Ok(Self {
            credentials: CachedCredentials::from_members(&mut credentials)?,
            origin,
            rest: members,
        })
    }

    /// Writes the entry as the AWS CLI does, with one more member.
    pub fn to_vec(&self) -> Secret<Vec<u8>> {
        let text = |secret: Secret<Vec<u8>>| String::from_utf8_lossy(secret.expose()).into_owned();
        object(
            [
                ("ProviderType", Some(quoted("sso"))),
                ("Credentials", Some(text(self.credentials.to_vec()))),
                ("Origin", self.origin.as_ref().map(|origin| text(origin.to_vec()))),
            ],
            &self.rest,
        )
    }

    /// Whether the entry is of this portal: its name leaves region and start URL open, so that two
    /// portals may share a file. An entry of another tool does not say.
    pub fn belongs_to(&self, start_url: &str, region: &str) -> bool {
        self.origin
            .as_ref()
            .is_none_or(|origin| origin.start_url == start_url && origin.region == region)
    }

    /// Whether more is left at `now` than the smaller of 15 minutes and a half and a quarter of the
    /// whole life. Anything less would make botocore ask again at once.
    pub fn serves(&self, now: Timestamp) -> bool {
        let fetched_at = self.origin.as_ref().map(|origin| origin.fetched_at);
        serves(self.credentials.keys.expiration, fetched_at, now)
    }
}

pub(crate) fn serves(expiration: Timestamp, fetched_at: Option<Timestamp>, now: Timestamp) -> bool {
    // A fetch in the future is one of a clock that was wrong.
    let life = fetched_at.map_or(ASSUMED_LIFE, |fetched_at| fetched_at.min(now).until(expiration));
    now.until(expiration) > MIN_LEFT.min(life / 4)
}

impl CachedCredentials {
    pub(crate) fn from_members(members: &mut Members) -> Result<Self, FormatError> {
        let keys = SessionCredentials {
            access_key_id: members
                .take_text("AccessKeyId")
                .ok_or(FormatError::Missing("AccessKeyId"))?,
            secret_access_key: members
                .take_secret("SecretAccessKey")
                .ok_or(FormatError::Missing("SecretAccessKey"))?,
            session_token: members
                .take_secret("SessionToken")
                .ok_or(FormatError::Missing("SessionToken"))?,
            expiration: time(members, "Expiration").ok_or(FormatError::Missing("Expiration"))?,
        };
        Ok(Self { keys, account_id: members.take_text("AccountId") })
    }

    pub(crate) fn to_vec(&self) -> Secret<Vec<u8>> {
        let keys = &self.keys;
        object(
            [
                ("AccessKeyId", Some(quoted(&keys.access_key_id))),
                ("SecretAccessKey", Some(quoted_secret(&keys.secret_access_key))),
                ("SessionToken", Some(quoted_secret(&keys.session_token))),
                ("Expiration", Some(quoted(&keys.expiration.to_string()))),
                ("AccountId", self.account_id.as_deref().map(quoted)),
            ],
            &Members::default(),
        )
    }
}

impl Origin {
    /// Whether the credentials were fetched with the token of `session`.
    pub fn is_of(&self, session: SessionKey<'_>) -> bool {
        match session {
            SessionKey::Session(name) => self.session_name.as_deref() == Some(name),
            SessionKey::StartUrl(url) => self.session_name.is_none() && self.start_url == url,
        }
    }

    fn from_members(mut members: Members) -> Option<Self> {
        Some(Self {
            start_url: members.take_text("startUrl")?,
            region: members.take_text("region")?,
            session_name: members.take_text("sessionName"),
            account_id: members.take_text("accountId")?,
            role_name: members.take_text("roleName")?,
            fetched_at: time(&mut members, "fetchedAt")?,
        })
    }

    fn to_vec(&self) -> Secret<Vec<u8>> {
        object(
            [
                ("startUrl", Some(quoted(&self.start_url))),
                ("region", Some(quoted(&self.region))),
                ("sessionName", self.session_name.as_deref().map(quoted)),
                ("accountId", Some(quoted(&self.account_id))),
                ("roleName", Some(quoted(&self.role_name))),
                ("fetchedAt", Some(quoted(&self.fetched_at.to_string()))),
            ],
            &Members::default(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_THE_CLI: &str = r#"{"ProviderType": "sso", "Credentials": {"AccessKeyId": "A",
        "SecretAccessKey": "S", "SessionToken": "T", "Expiration": "2026-01-02T04:00:00Z"}}"#;

    fn at(minutes_left: i64) -> Timestamp {
        let end = Timestamp::parse("2026-01-02T04:00:00Z").unwrap();
        Timestamp::from_unix(end.unix() - minutes_left * 60)
    }

    fn origin(fetched_at: Timestamp) -> Origin {
        Origin {
            start_url: "u".into(),
            region: "r".into(),
            session_name: None,
            account_id: "1".into(),
            role_name: "R".into(),
            fetched_at,
        }
    }

    #[test]
    fn an_entry_of_the_aws_cli_serves_until_15_minutes_before_its_end() {
        let entry = CachedRole::from_slice(OF_THE_CLI.as_bytes()).unwrap();
        assert!(entry.belongs_to("https://any", "any"));
        assert!(entry.serves(at(16)));
        assert!(!entry.serves(at(15)));
    }

    #[test]
    fn a_long_life_serves_until_botocore_would_ask_again() {
        let mut entry = CachedRole::from_slice(OF_THE_CLI.as_bytes()).unwrap();
        entry.origin = Some(origin(at(8 * 60)));
        let last = at(15) - Duration::from_secs(31);
        assert!(entry.serves(last));
        assert!(!entry.serves(last + Duration::from_secs(1)));
    }

    #[test]
    fn a_short_life_serves_for_three_quarters_of_it() {
        let mut entry = CachedRole::from_slice(OF_THE_CLI.as_bytes()).unwrap();
        entry.origin = Some(origin(at(15)));
        assert!(entry.serves(at(4)));
        assert!(!entry.serves(at(3)));
        assert!(!entry.serves(at(-1)));
    }

    #[test]
    fn credentials_are_of_the_session_or_of_the_start_url_that_led_to_them() {
        let legacy = origin(at(60));
        assert!(
            legacy.is_of(SessionKey::StartUrl("u")) && !legacy.is_of(SessionKey::StartUrl("v"))
        );
        assert!(!legacy.is_of(SessionKey::Session("s")));
        let named = Origin { session_name: Some("s".into()), ..legacy };
        assert!(named.is_of(SessionKey::Session("s")) && !named.is_of(SessionKey::Session("t")));
        assert!(!named.is_of(SessionKey::StartUrl("u")));
    }

    #[test]
    fn what_we_write_we_read_and_the_aws_cli_finds_its_members() {
        let mut entry = CachedRole::from_slice(OF_THE_CLI.as_bytes()).unwrap();
        entry.credentials.account_id = Some("123456789012".into());
        entry.origin = Some(Origin {
            start_url: "https://d-1.awsapps.com/start".into(),
            region: "eu-west-1".into(),
            session_name: Some("dev".into()),
            account_id: "123456789012".into(),
            role_name: "Admin".into(),
            fetched_at: at(60),
        });
        let written = entry.to_vec();
        let text = std::str::from_utf8(written.expose()).unwrap();
        assert!(text.starts_with(
            r#"{"ProviderType":"sso","Credentials":{"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T","Expiration":"2026-01-02T04:00:00Z","AccountId":"123456789012"},"Origin":{"#
        ));
        let read = CachedRole::from_slice(written.expose()).unwrap();
        assert_eq!(read.origin, entry.origin);
        assert!(read.belongs_to("https://d-1.awsapps.com/start", "eu-west-1"));
        assert!(!read.belongs_to("https://d-1.awsapps.com/start", "us-east-1"));
        assert!(!read.belongs_to("https://d-2.awsapps.com/start", "eu-west-1"));
    }

    #[test]
    fn entries_of_other_kinds_are_none() {
        let assumed = OF_THE_CLI.replace("\"ProviderType\": \"sso\", ", "");
        assert!(CachedRole::from_slice(assumed.as_bytes()).is_err());
        assert!(CachedRole::from_slice(b"SQLite format 3\0").is_err());
    }
}
