use serde_json::{Map, Value};
use wire::{Members, Secret, Timestamp};

use crate::role::{CachedCredentials, serves};
use crate::{CacheKey, FormatError, SessionKey, object, quoted, time};

/// What identifies the credentials of a role that was assumed: everything that was asked for, and
/// who asked. The AWS CLI leaves the latter out, so that two profiles may act as each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a key is whole or it is none")]
pub struct AssumedRoleKey<'a> {
    /// Who assumes the role, in any form that differs between identities.
    pub source: &'a str,
    /// The region whose endpoint is asked.
    pub region: &'a str,
    /// `RoleArn`
    pub role_arn: &'a str,
    /// `RoleSessionName` as configured.
    pub role_session_name: Option<&'a str>,
    /// `DurationSeconds`
    pub duration_seconds: Option<u32>,
    /// `ExternalId`
    pub external_id: Option<&'a str>,
    /// `SerialNumber`
    pub serial_number: Option<&'a str>,
    /// `Policy`
    pub policy: Option<&'a str>,
    /// `PolicyArns`
    pub policy_arns: &'a [String],
    /// `SourceIdentity`
    pub source_identity: Option<&'a str>,
    /// `Tags`: key and value.
    pub tags: &'a [(String, String)],
    /// `TransitiveTagKeys`
    pub transitive_tag_keys: &'a [String],
}

/// An entry of the cache of assumed roles. No other tool reads it, so its names can say who asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CachedAssumedRole {
    /// `Credentials`, named as the AWS CLI names them.
    pub credentials: CachedCredentials,
    /// `steps`: how the credentials were got, one after another.
    pub steps: Vec<Step>,
    /// `fetchedAt`
    pub fetched_at: Timestamp,
    /// The portal behind it, where the first credentials came from one.
    pub portal: Option<SourceSession>,
}

/// A step on the way to credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built by literal where an entry is written")]
pub struct Step {
    /// `provider`
    pub provider: String,
    /// `detail`
    pub detail: String,
    /// `expiration`, absent where the credentials of the step do not expire.
    pub expiration: Option<Timestamp>,
}

/// The session of Identity Center that led to a role.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built by literal where an entry is written")]
pub struct SourceSession {
    /// `startUrl` as configured.
    pub start_url: String,
    /// `sessionName`, absent for a legacy start URL.
    pub session_name: Option<String>,
}

impl AssumedRoleKey<'_> {
    /// Returns the name of the file: the hash of a sorted JSON object.
    pub fn cache_key(&self) -> CacheKey {
        let text = |text: Option<&str>| text.map(Value::from);
        let list = |list: &[String]| (!list.is_empty()).then(|| Value::from(list));
        let tags = self.tags.iter().map(|(key, value)| Value::from([key.as_str(), value]));
        let members = [
            ("DurationSeconds", self.duration_seconds.map(Value::from)),
            ("ExternalId", text(self.external_id)),
            ("Policy", text(self.policy)),
            ("PolicyArns", list(self.policy_arns)),
            ("Region", text(Some(self.region))),
            ("RoleArn", text(Some(self.role_arn))),
            ("RoleSessionName", text(self.role_session_name)),
            ("SerialNumber", text(self.serial_number)),
            ("Source", text(Some(self.source))),
            ("SourceIdentity", text(self.source_identity)),
            ("Tags", (!self.tags.is_empty()).then(|| Value::Array(tags.collect()))),
            ("TransitiveTagKeys", list(self.transitive_tag_keys)),
        ];
        let object: Map<String, Value> = members
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect();
        CacheKey::of(&Value::Object(object).to_string())
    }
}

impl CachedAssumedRole {
    /// Makes an entry.
    pub fn new(
        credentials: CachedCredentials,
        steps: Vec<Step>,
        fetched_at: Timestamp,
        portal: Option<SourceSession>,
    ) -> Self {
        Self { credentials, steps, fetched_at, portal }
    }

    /// Reads an entry.
    ///
    /// # Errors
    /// Fails where the bytes are not a JSON object with whole credentials.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut members = crate::members(bytes)?;
        let mut credentials =
            members.take_object("Credentials").ok_or(FormatError::Missing("Credentials"))?;
        Ok(Self {
            credentials: CachedCredentials::from_members(&mut credentials)?,
            steps: steps(&mut members),
            fetched_at: time(&mut members, "fetchedAt").ok_or(FormatError::Missing("fetchedAt"))?,
            portal: members.take_text("startUrl").map(|start_url| SourceSession {
                start_url,
                session_name: members.take_text("sessionName"),
            }),
        })
    }

    /// Writes the entry.
    pub fn to_vec(&self) -> Secret<Vec<u8>> {
        let credentials = self.credentials.to_vec();
        let portal = self.portal.as_ref();
        object(
            [
                ("Credentials", Some(String::from_utf8_lossy(credentials.expose()).into_owned())),
                ("steps", Some(self.steps_to_json())),
                ("fetchedAt", Some(quoted(&self.fetched_at.to_string()))),
                ("startUrl", portal.map(|portal| quoted(&portal.start_url))),
                ("sessionName", portal.and_then(|p| p.session_name.as_deref()).map(quoted)),
            ],
            &Members::default(),
        )
    }

    fn steps_to_json(&self) -> String {
        let steps = self.steps.iter().map(|step| {
            serde_json::json!({
                "provider": step.provider,
                "detail": step.detail,
                "expiration": step.expiration.map(|expiration| expiration.to_string()),
            })
        });
        Value::Array(steps.collect()).to_string()
    }

    /// Whether enough life is left at `now`; the rule is that of
    /// [`CachedRole::serves`](crate::CachedRole::serves).
    pub fn serves(&self, now: Timestamp) -> bool {
        serves(self.credentials.keys.expiration, Some(self.fetched_at), now)
    }

    /// Whether the token of `session` led to the role.
    pub fn is_of(&self, session: SessionKey<'_>) -> bool {
        let Some(portal) = &self.portal else { return false };
        match session {
            SessionKey::Session(name) => portal.session_name.as_deref() == Some(name),
            SessionKey::StartUrl(url) => portal.session_name.is_none() && portal.start_url == url,
        }
    }
}

fn steps(members: &mut Members) -> Vec<Step> {
    let steps = members.take_objects("steps").unwrap_or_default();
    let step = |mut members: Members| {
        Some(Step {
            provider: members.take_text("provider")?,
            detail: members.take_text("detail")?,
            expiration: time(&mut members, "expiration"),
        })
    };
    steps.into_iter().filter_map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::SessionCredentials;

    #[test]
    fn every_part_of_the_request_makes_another_file() {
        let names = ["me".to_owned()];
        let tags = |key: &str| [(key.to_owned(), String::new())];
        let key = AssumedRoleKey { source: "a", region: "r", role_arn: "n", ..Default::default() };
        let others = [
            AssumedRoleKey { source: "b", ..key },
            AssumedRoleKey { region: "s", ..key },
            AssumedRoleKey { role_arn: "m", ..key },
            AssumedRoleKey { role_session_name: Some("me"), ..key },
            AssumedRoleKey { duration_seconds: Some(900), ..key },
            AssumedRoleKey { external_id: Some("me"), ..key },
            AssumedRoleKey { serial_number: Some("me"), ..key },
            AssumedRoleKey { policy: Some("me"), ..key },
            AssumedRoleKey { policy_arns: &names, ..key },
            AssumedRoleKey { policy_arns: &["you".to_owned()], ..key },
            AssumedRoleKey { source_identity: Some("me"), ..key },
            AssumedRoleKey { tags: &tags("me"), ..key },
            AssumedRoleKey { tags: &tags("you"), ..key },
            AssumedRoleKey { transitive_tag_keys: &names, ..key },
        ];
        let mut keys: Vec<_> = others.iter().map(AssumedRoleKey::cache_key).collect();
        keys.push(key.cache_key());
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), others.len() + 1);
    }

    #[test]
    fn what_is_written_is_read() {
        let at = |minute: i64| Timestamp::from_unix(1_767_323_000 + minute * 60);
        let keys = SessionCredentials {
            access_key_id: "A".into(),
            secret_access_key: "S".into(),
            session_token: "T".into(),
            expiration: at(60),
        };
        let entry = CachedAssumedRole::new(
            CachedCredentials { keys, account_id: Some("1".into()) },
            vec![Step { provider: "p".into(), detail: "d".into(), expiration: Some(at(9)) }],
            at(0),
            Some(SourceSession { start_url: "u".into(), session_name: Some("s".into()) }),
        );
        let read = CachedAssumedRole::from_slice(entry.to_vec().expose()).unwrap();
        assert_eq!(read.credentials, entry.credentials);
        assert_eq!((&read.portal, &read.steps), (&entry.portal, &entry.steps));
        assert!(read.is_of(SessionKey::Session("s")) && !read.is_of(SessionKey::StartUrl("u")));
        assert!(read.serves(at(44)) && !read.serves(at(45)));
        let portal = Some(SourceSession { start_url: "u".into(), session_name: None });
        let legacy = CachedAssumedRole { portal, ..entry };
        assert!(
            legacy.is_of(SessionKey::StartUrl("u")) && !legacy.is_of(SessionKey::StartUrl("v"))
        );
    }
}
