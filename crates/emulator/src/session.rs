use std::collections::HashMap;
use std::time::Duration;

use wire::Timestamp;

/// The sessions of all users, with the tokens that belong to them.
#[derive(Default)]
pub(crate) struct Sessions {
    access_tokens: HashMap<String, AccessToken>,
    refresh_tokens: HashMap<String, RefreshToken>,
    sessions: Vec<Session>,
}

/// The place of a session among all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionId(usize);

struct Session {
    ends_at: Timestamp,
    user: String,
}

struct AccessToken {
    expires_at: Timestamp,
    session: SessionId,
}

struct RefreshToken {
    client_id: String,
    session: SessionId,
}

impl Sessions {
    pub(crate) fn open(&mut self, user: String, ends_at: Timestamp) -> SessionId {
        self.sessions.push(Session { ends_at, user });
        SessionId(self.sessions.len() - 1)
    }

    fn live(&self, now: Timestamp, id: SessionId) -> Option<&Session> {
        self.sessions.get(id.0).filter(|session| now < session.ends_at)
    }

    /// Adds an access token, which lives no longer than its session, and returns its lifetime.
    pub(crate) fn add_access_token(
        &mut self,
        now: Timestamp,
        session: SessionId,
        token: String,
        lifetime: Duration,
    ) -> Duration {
        let ends_at = self.live(now, session).map_or(now, |session| session.ends_at);
        let expires_at = ends_at.min(now + lifetime);
        self.access_tokens.insert(token, AccessToken { expires_at, session });
        now.until(expires_at)
    }

    pub(crate) fn add_refresh_token(&mut self, session: SessionId, token: String, client: &str) {
        self.refresh_tokens.insert(token, RefreshToken { client_id: client.to_owned(), session });
    }

    /// Finds the session of a refresh token, if it is the client's and the session goes on.
    pub(crate) fn refreshable(
        &self,
        now: Timestamp,
        token: &str,
        client: &str,
    ) -> Option<SessionId> {
        let token = self.refresh_tokens.get(token).filter(|token| token.client_id == client)?;
        self.live(now, token.session).map(|_| token.session)
    }

    pub(crate) fn spend_refresh_token(&mut self, token: &str) {
        self.refresh_tokens.remove(token);
    }

    fn bearer_session(&self, now: Timestamp, token: &str) -> Option<SessionId> {
        let token = self.access_tokens.get(token).filter(|token| now < token.expires_at)?;
        self.live(now, token.session).map(|_| token.session)
    }

    /// The address of the user whose access token this is.
    pub(crate) fn bearer(&self, now: Timestamp, token: &str) -> Option<&str> {
        let session = self.bearer_session(now, token)?;
        self.live(now, session).map(|session| session.user.as_str())
    }

    /// Ends the session of an access token, and so every token of that session.
    pub(crate) fn end(&mut self, now: Timestamp, token: &str) -> Option<()> {
        let session = self.bearer_session(now, token)?;
        self.sessions.get_mut(session.0)?.ends_at = now;
        Some(())
    }

    pub(crate) fn end_all(&mut self) {
        for session in &mut self.sessions {
            session.ends_at = Timestamp::from_unix(i64::MIN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn an_access_token_ends_with_its_session() {
        let start = Timestamp::from_unix(0);
        let mut sessions = Sessions::default();
        let session = sessions.open("ada".to_owned(), start + HOUR * 3 / 2);
        assert_eq!(sessions.add_access_token(start, session, "a".to_owned(), HOUR), HOUR);
        let later = start + HOUR;
        assert_eq!(sessions.add_access_token(later, session, "b".to_owned(), HOUR), HOUR / 2);
        assert_eq!(sessions.bearer(later, "a"), None);
        assert_eq!(sessions.bearer(later, "b"), Some("ada"));
        sessions.end(later, "b").unwrap();
        assert_eq!(sessions.bearer(later, "b"), None);
    }

    #[test]
    fn a_refresh_token_belongs_to_one_client() {
        let now = Timestamp::from_unix(0);
        let mut sessions = Sessions::default();
        let session = sessions.open("ada".to_owned(), now + HOUR);
        sessions.add_refresh_token(session, "r".to_owned(), "client");
        assert_eq!(sessions.refreshable(now, "r", "client"), Some(session));
        assert_eq!(sessions.refreshable(now, "r", "other"), None);
        assert_eq!(sessions.refreshable(now + HOUR, "r", "client"), None);
        sessions.end_all();
        assert_eq!(sessions.refreshable(now, "r", "client"), None);
    }
}
