use std::time::Duration;

use http::{Request, Response, Uri};
use wire::{DecodeError, EncodeError, Members, Operation, Retry, Secret};

use crate::json_request::json_request;

/// Trades a code or a refresh token for an access token.
///
/// Errors: `AuthorizationPendingException`, `SlowDownException`, `ExpiredTokenException`,
/// `AccessDeniedException`, `InvalidGrantException`, `InvalidRequestException`,
/// `InvalidScopeException`, `UnauthorizedClientException`, `UnsupportedGrantTypeException` (400),
/// `InvalidClientException` (401), `InternalServerException` (500); see [`crate::ErrorKind`].
///
/// <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the members of a 2019 API, built by literal")]
pub struct CreateToken<'a> {
    /// The id of the registration.
    pub client_id: &'a str,
    /// The secret of the registration.
    pub client_secret: &'a Secret<String>,
    /// What is traded.
    pub grant: Grant<'a>,
    /// Scopes; the service accepts them here without effect.
    pub scope: Option<&'a [String]>,
}

/// What is traded for a token.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Grant<'a> {
    /// `authorization_code` with PKCE.
    #[non_exhaustive]
    AuthorizationCode {
        /// The code of the callback; it can be used once.
        code: &'a Secret<String>,
        /// The verifier whose challenge was in the authorize URL.
        code_verifier: &'a Secret<String>,
        /// The redirect URI of the authorize URL, with its port.
        redirect_uri: &'a str,
    },
    /// `urn:ietf:params:oauth:grant-type:device_code`
    #[non_exhaustive]
    DeviceCode {
        /// The code of StartDeviceAuthorization.
        device_code: &'a Secret<String>,
    },
    /// `refresh_token`
    #[non_exhaustive]
    RefreshToken {
        /// The refresh token; where the service rotates them, it can be used once.
        refresh_token: &'a Secret<String>,
    },
}

impl<'a> Grant<'a> {
    /// Trades the code of a callback.
    pub fn authorization_code(
        code: &'a Secret<String>,
        code_verifier: &'a Secret<String>,
        redirect_uri: &'a str,
    ) -> Self {
        Self::AuthorizationCode { code, code_verifier, redirect_uri }
    }

    /// Trades a device code that the person has confirmed.
    pub fn device_code(device_code: &'a Secret<String>) -> Self {
        Self::DeviceCode { device_code }
    }

    /// Trades a refresh token.
    pub fn refresh_token(refresh_token: &'a Secret<String>) -> Self {
        Self::RefreshToken { refresh_token }
    }
}

/// An access token, with what it takes to renew it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Token {
    /// `accessToken`
    pub access_token: Secret<String>,
    /// `tokenType`, `Bearer`.
    pub token_type: Option<String>,
    /// `expiresIn`, counted from the receipt of the answer.
    pub expires_in: Duration,
    /// `refreshToken`, absent where the registration has no scopes.
    pub refresh_token: Option<Secret<String>>,
    /// `idToken`, documented as not supported.
    pub id_token: Option<Secret<String>>,
}

impl Operation for CreateToken<'_> {
    type Output = Token;

    /// Codes and rotating refresh tokens can be used once, and polling repeats itself.
    fn retry(&self) -> Retry {
        Retry::Unsent
    }

    fn secrets(&self) -> Vec<&Secret<String>> {
        let mut secrets = vec![self.client_secret];
        match self.grant {
            Grant::AuthorizationCode { code, code_verifier, .. } => {
                secrets.extend([code, code_verifier]);
            }
            Grant::DeviceCode { device_code } => secrets.push(device_code),
            Grant::RefreshToken { refresh_token } => secrets.push(refresh_token),
        }
        secrets
    }

    fn encode(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
        let text = |secret: &Secret<String>| Some(secret.expose().as_str().into());
        let (grant_type, code, verifier, redirect_uri, device_code, refresh_token) =
            match self.grant {
                Grant::AuthorizationCode { code, code_verifier, redirect_uri } => (
                    crate::AUTHORIZATION_CODE,
                    text(code),
                    text(code_verifier),
                    Some(redirect_uri.into()),
                    None,
                    None,
                ),
                Grant::DeviceCode { device_code } => {
                    (crate::DEVICE_CODE, None, None, None, text(device_code), None)
                }
                Grant::RefreshToken { refresh_token } => {
                    (crate::REFRESH_TOKEN, None, None, None, None, text(refresh_token))
                }
            };
        json_request(
            endpoint,
            "/token",
            [
                ("clientId", Some(self.client_id.into())),
                ("clientSecret", text(self.client_secret)),
                ("grantType", Some(grant_type.into())),
                ("code", code),
                ("codeVerifier", verifier),
                ("redirectUri", redirect_uri),
                ("deviceCode", device_code),
                ("refreshToken", refresh_token),
                ("scope", self.scope.map(Into::into)),
            ],
        )
    }

    fn decode_success(response: &Response<Vec<u8>>) -> Result<Token, DecodeError> {
        let mut members = Members::of(response)?;
        Ok(Token {
            access_token: members.required("accessToken", Members::take_secret)?,
            token_type: members.take_text("tokenType"),
            expires_in: members.required("expiresIn", crate::take_seconds)?,
            refresh_token: members.take_secret("refreshToken"),
            id_token: members.take_secret("idToken"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(grant: Grant<'_>) -> serde_json::Value {
        let secret = Secret::from("cs");
        let request = CreateToken { client_id: "c", client_secret: &secret, grant, scope: None };
        let request = request.encode(&Uri::from_static("https://h")).unwrap();
        serde_json::from_slice(request.body()).unwrap()
    }

    #[test]
    fn only_the_members_of_the_grant_are_sent() {
        let secret = Secret::from("x");
        assert_eq!(
            body(Grant::refresh_token(&secret)),
            serde_json::json!({"clientId": "c", "clientSecret": "cs",
                "grantType": "refresh_token", "refreshToken": "x"})
        );
        assert_eq!(
            body(Grant::device_code(&secret)),
            serde_json::json!({"clientId": "c", "clientSecret": "cs", "deviceCode": "x",
                "grantType": "urn:ietf:params:oauth:grant-type:device_code"})
        );
        assert_eq!(
            body(Grant::authorization_code(&secret, &secret, "http://127.0.0.1:1/oauth/callback")),
            serde_json::json!({"clientId": "c", "clientSecret": "cs", "code": "x",
                "codeVerifier": "x", "grantType": "authorization_code",
                "redirectUri": "http://127.0.0.1:1/oauth/callback"})
        );
    }

    #[test]
    fn a_token_without_a_refresh_token_is_a_token() {
        let body = br#"{"accessToken":"at","tokenType":"Bearer","expiresIn":3600,
            "refreshToken":"","idToken":null}"#;
        let token = CreateToken::decode(&Response::new(body.to_vec())).unwrap();
        assert_eq!(token.expires_in, Duration::from_secs(3600));
        assert_eq!((token.refresh_token, token.id_token), (None, None));
    }
}
