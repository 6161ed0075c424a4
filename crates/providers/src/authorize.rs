use wire::ServiceError;

use crate::{AccessToken, Error, InvalidTokenCause, SsoToken};

impl SsoToken {
    /// Makes a call with the token, and again with another one where the service does not accept
    /// the first: the session may have been ended elsewhere and begun again by another program.
    ///
    /// # Errors
    /// As [`SsoToken::token`], [`Error::InvalidToken`] where the second token is not accepted
    /// either, and with the errors of the call.
    ///
    /// # Cancel safety
    /// The future may be dropped at any moment, and the call with it. A refresh that has begun goes on,
    /// and is stored.
    pub async fn authorize<T, F>(&self, call: impl Fn(AccessToken) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let token = self.token().await?;
        let (error, refusal) = match call(token.clone()).await {
            Err(error) => match unauthorized(&error) {
                Some(refusal) => (error, refusal),
                None => return Err(error),
            },
            answer => return answer,
        };
        self.context().log.debug(&format!("the token was not accepted: {error}"));
        let token = self.replace(&token.token).await.map_err(|error| match error {
            // By its file it may live still: that it was refused is what there is to know.
            Error::InvalidToken { cause: InvalidTokenCause::Expired { .. }, .. } => {
                self.rejected(refusal)
            }
            error => error,
        })?;
        call(token).await.map_err(|error| match unauthorized(&error) {
            Some(refusal) => self.rejected(refusal),
            None => error,
        })
    }
}

/// Returns the refusal where the service did not accept the token.
fn unauthorized(error: &Error) -> Option<ServiceError> {
    match error {
        Error::Call { source, .. } => source.service().filter(|error| error.status == 401).cloned(),
        _ => None,
    }
}
