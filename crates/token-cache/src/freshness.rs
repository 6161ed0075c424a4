use std::time::Duration;

use wire::Timestamp;

use crate::CachedToken;

/// When a token is refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// A token with less than this left is refreshed.
    pub window: Duration,
    /// A token that is still valid is not refreshed within this time of the last attempt.
    pub min_interval: Duration,
}

impl Default for Policy {
    /// Refreshes when under 20 minutes are left, before any SDK would (15, 5 or 0 minutes), and at
    /// most every 5 minutes.
    fn default() -> Self {
        Self { window: Duration::from_secs(20 * 60), min_interval: Duration::from_secs(5 * 60) }
    }
}

impl Policy {
    /// Refreshes a token with less than this left.
    #[must_use]
    pub fn with_window(self, window: Duration) -> Self {
        Self { window, ..self }
    }

    /// Leaves so much time between two attempts, while the token is still valid.
    #[must_use]
    pub fn with_min_interval(self, min_interval: Duration) -> Self {
        Self { min_interval, ..self }
    }
}

/// What may be done with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Freshness {
    /// Expired and not refreshable: only a sign-in helps.
    Dead,
    /// Use it.
    Fresh,
    /// Expired: refresh it before use.
    Refresh,
    /// Still valid: refresh it, but use it where that fails.
    RefreshOrUse,
}

impl CachedToken {
    /// Decides what may be done with the token at `now`, when the last attempt to refresh it was
    /// made at `last_attempt`.
    pub fn freshness(
        &self,
        now: Timestamp,
        last_attempt: Option<Timestamp>,
        policy: &Policy,
    ) -> Freshness {
        let refreshable = self.is_refreshable(now);
        if self.is_expired(now) {
            return if refreshable { Freshness::Refresh } else { Freshness::Dead };
        }
        // An attempt in the future is one of a clock that was wrong.
        let attempted =
            last_attempt.is_some_and(|last| last <= now && last.until(now) < policy.min_interval);
        if !refreshable || attempted || now.until(self.expires_at) >= policy.window {
            Freshness::Fresh
        } else {
            Freshness::RefreshOrUse
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Secret;

    #[test]
    fn the_table_of_the_policy() {
        let now = Timestamp::from_unix(1_000_000);
        let minutes = |minutes: i64| Timestamp::from_unix(1_000_000 + minutes * 60);
        for (left, refreshable, attempted, expected) in [
            (21, true, None, Freshness::Fresh),
            (20, true, None, Freshness::Fresh),
            (19, true, None, Freshness::RefreshOrUse),
            (19, true, Some(-4), Freshness::Fresh),
            (19, true, Some(-5), Freshness::RefreshOrUse),
            (19, true, Some(3), Freshness::RefreshOrUse),
            (19, false, None, Freshness::Fresh),
            (0, true, None, Freshness::Refresh),
            (0, true, Some(-1), Freshness::Refresh),
            (-9, false, None, Freshness::Dead),
        ] {
            let mut token = CachedToken::new(Secret::from("a"), minutes(left));
            if refreshable {
                token.refresh_token = Some(Secret::from("r"));
                token.client_id = Some("c".into());
                token.client_secret = Some(Secret::from("s"));
            }
            let last = attempted.map(minutes);
            assert_eq!(token.freshness(now, last, &Policy::default()), expected, "{left} {last:?}");
        }
    }

    #[test]
    fn a_program_may_have_a_policy_of_its_own() {
        let now = Timestamp::from_unix(1_000_000);
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let mut token = CachedToken::new(Secret::from("a"), now + minutes(10));
        token.refresh_token = Some(Secret::from("r"));
        token.client_id = Some("c".into());
        token.client_secret = Some(Secret::from("s"));
        let late = Policy::default().with_window(minutes(5));
        assert_eq!(token.freshness(now, None, &late), Freshness::Fresh);
        let patient = Policy::default().with_min_interval(minutes(15));
        let attempted = Some(now - minutes(10));
        assert_eq!(token.freshness(now, attempted, &Policy::default()), Freshness::RefreshOrUse);
        assert_eq!(token.freshness(now, attempted, &patient), Freshness::Fresh);
    }

    #[test]
    fn an_expired_registration_cannot_refresh() {
        let now = Timestamp::from_unix(1_000_000);
        let mut token = CachedToken::new(Secret::from("a"), now);
        token.refresh_token = Some(Secret::from("r"));
        token.client_id = Some("c".into());
        token.client_secret = Some(Secret::from("s"));
        token.registration_expires_at = Some(now);
        assert_eq!(token.freshness(now, None, &Policy::default()), Freshness::Dead);
        token.registration_expires_at = Some(now + Duration::from_secs(1));
        assert_eq!(token.freshness(now, None, &Policy::default()), Freshness::Refresh);
    }
}
