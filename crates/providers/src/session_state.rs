use crate::{Error, InvalidTokenCause, SsoToken};

/// What the files tell of a session.
#[derive(Debug)]
#[non_exhaustive]
pub struct SessionState {
    /// The token, where the file holds one of this session.
    pub token: Option<token_cache::CachedToken>,
    /// Why the token is of no use: the error that every command would end with.
    pub problem: Option<Error>,
}

impl SsoToken {
    /// Tells what [`SsoToken::token`] would answer as far as that is known without network.
    ///
    /// A refusal that was noted counts for as long as the file holds the token that was refused;
    /// a command asks the service again after a minute, but nothing promises another answer.
    ///
    /// # Cancel safety
    /// The future may be dropped at any moment: it only reads.
    pub async fn state(&self) -> SessionState {
        let token = match self.load().await {
            Ok(token) => token,
            Err(problem) => return SessionState { token: None, problem: Some(problem) },
        };
        let refusal = self.noted_refusal().filter(|refusal| {
            token.refresh_token.as_ref().is_some_and(|refused| refusal.is_about(refused))
        });
        let now = self.context().clock.now();
        let problem = match refusal {
            Some(refusal) => {
                let (refused_at, error) = (refusal.refused_at, refusal.error);
                Some(self.invalid(InvalidTokenCause::RefusedBefore { refused_at, error }))
            }
            None if token.is_expired(now) && !token.is_refreshable(now) => Some(self.expired()),
            None => None,
        };
        SessionState { token: Some(token), problem }
    }
}
