use std::time::Duration;

use sha1::{Digest, Sha1};
use wire::{Members, Secret, Timestamp};

use crate::{FormatError, object, quoted, time};

/// A refresh token that the service refused: for a minute nobody asks again, so that the hundredth
/// process of a dead session answers as fast as the first.
///
/// It lies beside the token file and is keyed by a hash of the refresh token: once the file holds
/// another one, it means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CachedRefusal {
    /// `refreshTokenSha1`
    hash: String,
    /// `refusedAt`
    pub refused_at: Timestamp,
    /// `error`, such as `invalid_grant`.
    pub error: String,
}

/// How long a refusal counts.
const LIFE: Duration = Duration::from_secs(60);

impl CachedRefusal {
    /// Notes that a refresh token was refused.
    pub fn new(refresh_token: &Secret<String>, refused_at: Timestamp, error: &str) -> Self {
        Self { hash: hash(refresh_token), refused_at, error: error.to_owned() }
    }

    /// Reads a note.
    ///
    /// # Errors
    /// Fails where the bytes are something else.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut members = crate::members(bytes)?;
        Ok(Self {
            hash: members
                .take_text("refreshTokenSha1")
                .ok_or(FormatError::Missing("refreshTokenSha1"))?,
            refused_at: time(&mut members, "refusedAt").ok_or(FormatError::Missing("refusedAt"))?,
            error: members.take_text("error").ok_or(FormatError::Missing("error"))?,
        })
    }

    /// Writes the note.
    pub fn to_vec(&self) -> Secret<Vec<u8>> {
        object(
            [
                ("refreshTokenSha1", Some(quoted(&self.hash))),
                ("refusedAt", Some(quoted(&self.refused_at.to_string()))),
                ("error", Some(quoted(&self.error))),
            ],
            &Members::default(),
        )
    }

    /// Whether this refresh token need not be tried at `now`.
    pub fn bars(&self, refresh_token: &Secret<String>, now: Timestamp) -> bool {
        let is_young = self.refused_at <= now && self.refused_at.until(now) < LIFE;
        is_young && self.is_about(refresh_token)
    }

    /// Whether it was this refresh token that was refused.
    pub fn is_about(&self, refresh_token: &Secret<String>) -> bool {
        self.hash == hash(refresh_token)
    }
}

fn hash(refresh_token: &Secret<String>) -> String {
    hex::encode(Sha1::digest(refresh_token.expose()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_counts_for_a_minute_and_for_one_token() {
        let spent = Secret::from("hunter2");
        let at = |seconds: i64| Timestamp::from_unix(1_767_323_045 + seconds);
        let refusal = CachedRefusal::new(&spent, at(0), "invalid_grant");
        let written = refusal.to_vec();
        assert!(!String::from_utf8_lossy(written.expose()).contains("hunter2"));
        assert_eq!(CachedRefusal::from_slice(written.expose()).as_ref().ok(), Some(&refusal));
        assert!(refusal.bars(&spent, at(59)));
        assert!(!refusal.bars(&spent, at(60)));
        assert!(!refusal.bars(&spent, at(-1)));
        assert!(!refusal.bars(&Secret::from("another"), at(1)));
    }
}
