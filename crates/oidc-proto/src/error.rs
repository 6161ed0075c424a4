use wire::{CallError, ServiceError};

/// What an error of SSO OIDC means, read from its exception name or, where a proxy dropped that,
/// from the OAuth `error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// `access_denied`: the person declined.
    AccessDenied,
    /// `authorization_pending`: the person has not answered yet.
    AuthorizationPending,
    /// `expired_token`: the device code or the session is over.
    ExpiredToken,
    /// `server_error`: the service failed.
    InternalServer,
    /// `invalid_client`: the registration is unknown or expired.
    InvalidClient,
    /// `invalid_client_metadata`: the registration was refused.
    InvalidClientMetadata,
    /// `invalid_grant`: the code or refresh token was used, expired or never valid.
    InvalidGrant,
    /// `invalid_redirect_uri`: the registration was refused.
    InvalidRedirectUri,
    /// `invalid_request`: typically a wrong region or start URL.
    InvalidRequest,
    /// `invalid_scope`: the scopes do not fit the grants.
    InvalidScope,
    /// Anything else.
    Other,
    /// `slow_down`: the interval grows by five seconds.
    SlowDown,
    /// `unauthorized_client`: the registration does not have the grant.
    UnauthorizedClient,
    /// `unsupported_grant_type`: the service does not have the grant.
    UnsupportedGrantType,
}

impl ErrorKind {
    /// Classifies an error of the service.
    pub fn of(error: &ServiceError) -> Self {
        let by_code = Self::from_name(&error.code);
        match (by_code, error.error.as_deref()) {
            (Self::Other, Some(error)) => Self::from_name(error),
            _ => by_code,
        }
    }

    /// Classifies the error of a call, where the service answered.
    pub fn of_call(error: &CallError) -> Option<Self> {
        error.service().map(Self::of)
    }

    fn from_name(name: &str) -> Self {
        // `InvalidGrantException` and `invalid_grant` become the same word.
        let word = name.to_ascii_lowercase().replace('_', "");
        match word.strip_suffix("exception").unwrap_or(&word) {
            "accessdenied" => Self::AccessDenied,
            "authorizationpending" => Self::AuthorizationPending,
            "expiredtoken" => Self::ExpiredToken,
            "internalserver" | "servererror" => Self::InternalServer,
            "invalidclient" => Self::InvalidClient,
            "invalidclientmetadata" => Self::InvalidClientMetadata,
            "invalidgrant" => Self::InvalidGrant,
            "invalidredirecturi" => Self::InvalidRedirectUri,
            "invalidrequest" => Self::InvalidRequest,
            "invalidscope" => Self::InvalidScope,
            "slowdown" => Self::SlowDown,
            "unauthorizedclient" => Self::UnauthorizedClient,
            "unsupportedgranttype" => Self::UnsupportedGrantType,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oauth_error_counts_where_the_code_says_nothing() {
        let error = |header: Option<&str>, body: &str| {
            let mut response = http::Response::builder().status(400);
            if let Some(header) = header {
                response = response.header("x-amzn-errortype", header);
            }
            let response = response.body(body.as_bytes().to_vec()).unwrap();
            ErrorKind::of(&ServiceError::from_rest_json(&response))
        };
        let body = r#"{"error":"authorization_pending"}"#;
        assert_eq!(error(None, body), ErrorKind::AuthorizationPending);
        assert_eq!(error(Some("UnknownError"), body), ErrorKind::AuthorizationPending);
        assert_eq!(error(Some("SlowDownException:http://x/"), body), ErrorKind::SlowDown);
        assert_eq!(error(None, "<html>"), ErrorKind::Other);
    }
}
