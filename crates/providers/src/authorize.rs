use wire::ServiceError;

use crate::{AccessToken, Error, SsoToken};

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
        let error = match call(token.clone()).await {
            Err(error) if unauthorized(&error).is_some() => error,
            result => return result,
        };
        self.context().log.debug(&format!("the token was not accepted: {error}"));
        let token = self.replace(&token.token).await?;
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
