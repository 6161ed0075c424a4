use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use wire::Timestamp;

use crate::error::ServiceError;
use crate::members::Members;

/// The authorization codes that nobody has redeemed.
#[derive(Default)]
pub(crate) struct AuthorizationCodes(HashMap<String, AuthorizationCode>);

/// An approved sign-in that waits for its client to fetch the token.
pub(crate) struct AuthorizationCode {
    pub(crate) client_id: String,
    /// The S256 challenge of RFC 7636.
    pub(crate) challenge: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) redirect_uri: String,
    /// The address of who approved.
    pub(crate) user: String,
}

impl AuthorizationCodes {
    pub(crate) fn add(&mut self, code: String, approved: AuthorizationCode) {
        self.0.insert(code, approved);
    }

    /// Ends an authorization code and returns who approved it. Any attempt ends it, so that a
    /// verifier cannot be guessed.
    pub(super) fn redeem(
        &mut self,
        now: Timestamp,
        client_id: &str,
        members: &Members,
    ) -> Result<String, ServiceError> {
        let code = members.text("code")?;
        let redirect_uri = members.text("redirectUri")?;
        let verifier = members.text("codeVerifier")?;
        let unreserved =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(unreserved) {
            return Err(ServiceError::invalid_request("Malformed codeVerifier"));
        }
        let Some(code) = self.0.remove(code) else {
            return Err(ServiceError::invalid_grant("Unknown or used authorization code"));
        };
        if code.client_id != client_id {
            return Err(ServiceError::invalid_grant(
                "The authorization code belongs to another client",
            ));
        }
        if now >= code.expires_at {
            return Err(ServiceError::invalid_grant("The authorization code has expired"));
        }
        if code.redirect_uri != redirect_uri {
            return Err(ServiceError::invalid_grant(
                "redirectUri differs from the one of the sign-in",
            ));
        }
        if code.challenge != URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) {
            return Err(ServiceError::invalid_grant("codeVerifier does not match the challenge"));
        }
        Ok(code.user)
    }
}
