use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use wire::Timestamp;

use super::{Answer, Decision, Grant, Members};
use crate::error::ServiceError;
use crate::idp::Idp;
use crate::scenario::Approval;
use crate::session::SessionId;

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

impl Idp {
    pub(super) fn create_token(
        &mut self,
        now: Timestamp,
        grant: Option<Grant>,
        members: &Members,
    ) -> Answer {
        let (client_id, client) = self.authenticate(now, members)?;
        let name = members.text("grantType")?;
        let Some(grant) = grant else {
            let message = format!("Unsupported grant type {name}");
            return Err(ServiceError::bad_request("UnsupportedGrantTypeException", message));
        };
        let refused = match grant {
            Grant::RefreshToken => !client.may_refresh(),
            grant => !client.may_use(grant),
        };
        if refused {
            let message = "The client is not registered for this grant";
            return Err(ServiceError::bad_request("UnauthorizedClientException", message));
        }
        let with_refresh_token = client.may_refresh();
        let client_id = client_id.to_owned();
        let user = match grant {
            Grant::AuthorizationCode => self.redeem_code(now, &client_id, members)?,
            Grant::DeviceCode => self.poll_device(now, &client_id, members)?,
            Grant::RefreshToken => return self.refresh(now, &client_id, members),
        };
        let session = self.sessions.open(user, now + self.scenario.lifetimes.session);
        let refresh_token = with_refresh_token.then(|| self.new_refresh_token(session, &client_id));
        Ok(self.token(now, session, refresh_token))
    }

    /// Ends an authorization code and returns who approved it. Any attempt ends it, so that a
    /// verifier cannot be guessed.
    fn redeem_code(
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
        let Some(code) = self.codes.remove(code) else {
            return Err(invalid_grant("Unknown or used authorization code"));
        };
        if code.client_id != client_id {
            return Err(invalid_grant("The authorization code belongs to another client"));
        }
        if now >= code.expires_at {
            return Err(invalid_grant("The authorization code has expired"));
        }
        if code.redirect_uri != redirect_uri {
            return Err(invalid_grant("redirectUri differs from the one of the sign-in"));
        }
        if code.challenge != URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) {
            return Err(invalid_grant("codeVerifier does not match the challenge"));
        }
        Ok(code.user)
    }

    /// Returns who approved the device, and so ends its code, or what the poll is answered.
    fn poll_device(
        &mut self,
        now: Timestamp,
        client_id: &str,
        members: &Members,
    ) -> Result<String, ServiceError> {
        let code = members.text("deviceCode")?;
        let device = self.devices.get_mut(code).filter(|device| device.client_id == client_id);
        let Some(device) = device else {
            return Err(invalid_grant("Unknown or used device code"));
        };
        if now >= device.expires_at {
            let message = "The device code has expired";
            return Err(ServiceError::bad_request("ExpiredTokenException", message));
        }
        let polled_at = device.polled_at.replace(now);
        if device.decision.is_none() {
            if polled_at.is_some_and(|polled_at| now < polled_at + device.interval) {
                device.interval += Duration::from_secs(5);
                return Err(ServiceError::bad_request("SlowDownException", "Slow down"));
            }
            device.polls = device.polls.saturating_add(1);
            if device.polls > self.scenario.approve_after_polls {
                device.decision = match self.scenario.approval {
                    Approval::Automatic => Some(Decision::Approved { user: self.user.clone() }),
                    Approval::Deny => Some(Decision::Denied),
                    Approval::Manual => None,
                };
            }
        }
        match device.decision.clone() {
            None => {
                let message = "The user has not decided yet";
                Err(ServiceError::bad_request("AuthorizationPendingException", message))
            }
            Some(Decision::Denied) => {
                let message = "The user has denied the request";
                Err(ServiceError::bad_request("AccessDeniedException", message))
            }
            Some(Decision::Approved { user }) => {
                self.devices.remove(code);
                Ok(user)
            }
        }
    }

    fn refresh(&mut self, now: Timestamp, client_id: &str, members: &Members) -> Answer {
        let token = members.text("refreshToken")?;
        let Some(session) = self.sessions.refreshable(now, token, client_id) else {
            return Err(invalid_grant("Unknown, used or expired refresh token"));
        };
        let refresh_token = if self.scenario.omit_refresh_token_on_refresh {
            None
        } else if self.scenario.rotate_refresh_tokens {
            self.sessions.spend_refresh_token(token);
            Some(self.new_refresh_token(session, client_id))
        } else {
            Some(token.to_owned())
        };
        Ok(self.token(now, session, refresh_token))
    }

    fn new_refresh_token(&mut self, session: SessionId, client_id: &str) -> String {
        let token = self.random.token("aor");
        self.sessions.add_refresh_token(session, token.clone(), client_id);
        token
    }

    fn token(
        &mut self,
        now: Timestamp,
        session: SessionId,
        refresh_token: Option<String>,
    ) -> serde_json::Value {
        let token = self.random.token("aoa");
        let lifetime = self.scenario.lifetimes.access_token;
        let expires_in = self.sessions.add_access_token(now, session, token.clone(), lifetime);
        let mut body = json!({
            "accessToken": token,
            "expiresIn": expires_in.as_secs(),
            "tokenType": "Bearer",
        });
        if let (Some(token), Some(body)) = (refresh_token, body.as_object_mut()) {
            body.insert("refreshToken".to_owned(), token.into());
        }
        body
    }
}

fn invalid_grant(message: &'static str) -> ServiceError {
    ServiceError::bad_request("InvalidGrantException", message)
}
