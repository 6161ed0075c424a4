use std::sync::LazyLock;

use http::{Request, Response, Uri};
use wire::{DecodeError, EncodeError, Members, Operation, Retry, Secret, Timestamp};

use crate::json_request::json_request;
use crate::{CreateToken, Grant, StartDeviceAuthorization};

/// Registers this program as a public client, for about 90 days.
///
/// Grants of both flows must not be mixed: the service refuses `authorization_code` beside the
/// device code in one registration.
///
/// Errors: `InvalidRequestException`, `InvalidScopeException`, `InvalidClientMetadataException`,
/// `InvalidRedirectUriException`, `UnsupportedGrantTypeException`, `SlowDownException` (400),
/// `InternalServerException` (500).
///
/// <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_RegisterClient.html>
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "the members of a 2019 API, built by literal")]
pub struct RegisterClient<'a> {
    /// The name that the person may see. `clientType` is always `public`, nothing else is accepted.
    pub client_name: &'a str,
    /// Scopes such as `sso:account:access`; without them no refresh token is issued for a device
    /// code.
    pub scopes: Option<&'a [String]>,
    /// Where the authorization code may be sent; a loopback URI without its port.
    pub redirect_uris: Option<&'a [&'a str]>,
    /// The grants that the client will use.
    pub grant_types: Option<&'a [&'a str]>,
    /// The start URL to which the registration is bound.
    pub issuer_url: Option<&'a str>,
    /// The application of a customer-managed client.
    pub entitled_application_arn: Option<&'a str>,
}

impl<'a> RegisterClient<'a> {
    /// Registers a client for device codes, with [`DEFAULT_SCOPE`](crate::DEFAULT_SCOPE): its tokens
    /// can list accounts and fetch role credentials, and be refreshed.
    pub fn for_device_code(client_name: &'a str) -> Self {
        static SCOPES: LazyLock<[String; 1]> = LazyLock::new(|| [crate::DEFAULT_SCOPE.to_owned()]);
        Self { client_name, scopes: Some(&*SCOPES), ..Self::default() }
    }
}

/// A registered client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registration {
    /// `clientId`
    pub client_id: String,
    /// `clientSecret`
    pub client_secret: Secret<String>,
    /// `clientIdIssuedAt`, on the wire in seconds since the epoch.
    pub client_id_issued_at: Option<Timestamp>,
    /// `clientSecretExpiresAt`, on the wire in seconds since the epoch.
    pub client_secret_expires_at: Timestamp,
    /// `authorizationEndpoint`, in the model but rarely sent.
    pub authorization_endpoint: Option<String>,
    /// `tokenEndpoint`, in the model but rarely sent.
    pub token_endpoint: Option<String>,
}

impl Registration {
    /// Asks for a device code, for the portal at `start_url`.
    pub fn start_device_authorization<'a>(
        &'a self,
        start_url: &'a str,
    ) -> StartDeviceAuthorization<'a> {
        let Self { client_id, client_secret, .. } = self;
        StartDeviceAuthorization { client_id, client_secret, start_url }
    }

    /// Trades a code or a refresh token that was issued to this client.
    pub fn create_token<'a>(&'a self, grant: Grant<'a>) -> CreateToken<'a> {
        let Self { client_id, client_secret, .. } = self;
        CreateToken { client_id, client_secret, grant, scope: None }
    }
}

impl Operation for RegisterClient<'_> {
    type Output = Registration;

    fn retry(&self) -> Retry {
        Retry::Transient
    }

    fn secrets(&self) -> Vec<&Secret<String>> {
        Vec::new() // it has none yet
    }

    fn encode(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
        json_request(
            endpoint,
            "/client/register",
            [
                ("clientName", Some(self.client_name.into())),
                ("clientType", Some("public".into())),
                ("scopes", self.scopes.map(Into::into)),
                ("redirectUris", self.redirect_uris.map(Into::into)),
                ("grantTypes", self.grant_types.map(Into::into)),
                ("issuerUrl", self.issuer_url.map(Into::into)),
                ("entitledApplicationArn", self.entitled_application_arn.map(Into::into)),
            ],
        )
    }

    fn decode_success(response: &Response<Vec<u8>>) -> Result<Registration, DecodeError> {
        let mut members = Members::of(response)?;
        Ok(Registration {
            client_id: members.required("clientId", Members::take_text)?,
            client_secret: members.required("clientSecret", Members::take_secret)?,
            client_id_issued_at: members.take_i64("clientIdIssuedAt").map(Timestamp::from_unix),
            client_secret_expires_at: members
                .required("clientSecretExpiresAt", Members::take_i64)
                .map(Timestamp::from_unix)?,
            authorization_endpoint: members.take_text("authorizationEndpoint"),
            token_endpoint: members.take_text("tokenEndpoint"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_of_the_authorization_code_flow_is_the_one_of_the_aws_cli() {
        let scopes = ["sso:account:access".to_owned()];
        let request = RegisterClient {
            client_name: "keyfob-dev",
            scopes: Some(&scopes),
            redirect_uris: Some(&["http://127.0.0.1/oauth/callback"]),
            grant_types: Some(&[crate::AUTHORIZATION_CODE, crate::REFRESH_TOKEN]),
            issuer_url: Some("https://d-1.awsapps.com/start"),
            ..RegisterClient::default()
        };
        let request = request.encode(&Uri::from_static("https://h")).unwrap();
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        let expected = serde_json::json!({
            "clientName": "keyfob-dev",
            "clientType": "public",
            "scopes": ["sso:account:access"],
            "redirectUris": ["http://127.0.0.1/oauth/callback"],
            "grantTypes": ["authorization_code", "refresh_token"],
            "issuerUrl": "https://d-1.awsapps.com/start",
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn a_client_for_device_codes_asks_for_the_scope_that_makes_tokens_refreshable() {
        let request = RegisterClient::for_device_code("example");
        let request = request.encode(&Uri::from_static("https://h")).unwrap();
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        let expected = serde_json::json!({
            "clientName": "example", "clientType": "public", "scopes": ["sso:account:access"],
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn times_are_in_seconds() {
        let body = br#"{"clientId":"c","clientSecret":"s","clientIdIssuedAt":1767323045,
            "clientSecretExpiresAt":1775099045,"authorizationEndpoint":null}"#;
        let registration = RegisterClient::decode(&Response::new(body.to_vec())).unwrap();
        assert_eq!(registration.client_secret_expires_at.to_string(), "2026-04-02T03:04:05Z");
        assert_eq!(registration.authorization_endpoint, None);
    }
}
