use http::Uri;
use providers::Context;
use wire::{CallError, Operation};

use crate::error::LoginError;

/// Where a session signs in.
pub(crate) struct Portal<'a> {
    pub(crate) context: &'a Context,
    pub(crate) endpoint: Uri,
    pub(crate) region: String,
    pub(crate) start_url: String,
}

impl Portal<'_> {
    /// Performs an operation at the OIDC endpoint.
    pub(crate) async fn call<O: Operation>(
        &self,
        name: &'static str,
        operation: &O,
    ) -> Result<O::Output, LoginError> {
        let result = self.context.call(operation, &self.endpoint).await;
        result.map_err(|source| self.failed(name, source))
    }

    /// The error of an operation that failed.
    pub(crate) fn failed(&self, operation: &'static str, source: CallError) -> LoginError {
        let host = self.endpoint.authority().map(ToString::to_string).unwrap_or_default();
        LoginError::Call { operation, host, source: Box::new(source) }
    }
}
