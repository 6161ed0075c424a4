use http::{HeaderValue, Request, StatusCode};
use wire::Timestamp;

use super::sigv4::Authorization;
use crate::credentials::{Credentials, Keys, Principal};
use crate::error::ServiceError;

/// Finds the credentials that a request is signed with, and verifies that it is.
pub(super) fn authenticated_caller<'a>(
    keys: &'a Keys,
    now: Timestamp,
    request: &Request<Vec<u8>>,
) -> Result<&'a Principal, ServiceError> {
    let refuse = |code, message| Err(ServiceError::new(StatusCode::FORBIDDEN, code, message));
    let Some(header) = request.headers().get(http::header::AUTHORIZATION) else {
        return refuse("MissingAuthenticationToken", "Request is missing Authentication Token");
    };
    let authorization = header.to_str().ok().and_then(Authorization::parse);
    let Some(authorization) = authorization else {
        let message = "Authorization header is malformed";
        return Err(ServiceError::bad_request("IncompleteSignature", message));
    };
    let token = request.headers().get("x-amz-security-token").map(HeaderValue::as_bytes);
    let credentials = keys.get(authorization.access_key_id).filter(|credentials| {
        token == credentials.session.as_ref().map(|session| session.token.as_bytes())
    });
    let Some(Credentials { principal, secret_access_key, session }) = credentials else {
        return Err(ServiceError::invalid_client_token_id());
    };
    if let Err(error) = authorization.verify(now, request, "sts", secret_access_key) {
        let message = error.to_string();
        return Err(ServiceError::new(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", message));
    }
    if session.as_ref().is_some_and(|session| now >= session.expires_at) {
        let message = "The security token included in the request is expired";
        return refuse("ExpiredToken", message);
    }
    Ok(principal)
}
