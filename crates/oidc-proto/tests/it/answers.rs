//! What comes of each answer.

use std::time::Duration;

use http::{Response, StatusCode};
use oidc_proto::{CreateToken, ErrorKind, RegisterClient, StartDeviceAuthorization};
use wire::{CallError, DecodeError, Operation, ServiceError, TransportError};

const TOKEN: &str = r#"{"accessToken":"at","tokenType":"Bearer","expiresIn":3600,
    "refreshToken":"rt","idToken":"it"}"#;
const REGISTRATION: &str = r#"{"clientId":"c","clientSecret":"cs","clientIdIssuedAt":1767323045,
    "clientSecretExpiresAt":1775099045,"authorizationEndpoint":"a","tokenEndpoint":"t"}"#;
const DEVICE: &str = r#"{"deviceCode":"dc","userCode":"ABCD-EFGH","verificationUri":"https://v",
    "verificationUriComplete":"https://v?c","expiresIn":60,"interval":1}"#;

fn decode<O: Operation>(body: &str) -> Result<O::Output, DecodeError> {
    O::decode(&Response::new(body.as_bytes().to_vec()))
}

/// Checks that an answer needs a member, and needs it to be what it is.
fn assert_needed<O: Operation>(whole: &str, name: &str, value: &str)
where
    O::Output: std::fmt::Debug,
{
    let with = |other: &str| {
        let body = whole.replace(&format!("\"{name}\":{value}"), &format!("\"{name}\":{other}"));
        assert_ne!(body, whole);
        decode::<O>(&body).unwrap_err()
    };
    assert!(matches!(with("null"), DecodeError::MissingField(missing) if missing == name));
    assert!(matches!(with("\"\""), DecodeError::MissingField(missing) if missing == name));
    assert!(matches!(with("{}"), DecodeError::InvalidField(wrong) if wrong == name));
}

#[test]
fn a_token_is_read_whole() {
    let token = decode::<CreateToken<'_>>(TOKEN).unwrap();
    assert_eq!(token.access_token.expose(), "at");
    assert_eq!(token.token_type.as_deref(), Some("Bearer"));
    assert_eq!(token.expires_in, Duration::from_secs(3600));
    assert_eq!(token.refresh_token.unwrap().expose(), "rt");
    assert_eq!(token.id_token.unwrap().expose(), "it");
    assert_needed::<CreateToken<'_>>(TOKEN, "accessToken", "\"at\"");
    assert_needed::<CreateToken<'_>>(TOKEN, "expiresIn", "3600");
    let past = decode::<CreateToken<'_>>(&TOKEN.replace("3600", "-1"));
    assert!(matches!(past, Err(DecodeError::InvalidField("expiresIn"))));
}

#[test]
fn a_registration_is_read_whole() {
    let registration = decode::<RegisterClient<'_>>(REGISTRATION).unwrap();
    assert_eq!(registration.client_id, "c");
    assert_eq!(registration.client_secret.expose(), "cs");
    assert_eq!(registration.client_id_issued_at.unwrap().unix(), 1_767_323_045);
    assert_eq!(registration.client_secret_expires_at.unix(), 1_775_099_045);
    assert_eq!(registration.authorization_endpoint.as_deref(), Some("a"));
    assert_eq!(registration.token_endpoint.as_deref(), Some("t"));
    assert_needed::<RegisterClient<'_>>(REGISTRATION, "clientId", "\"c\"");
    assert_needed::<RegisterClient<'_>>(REGISTRATION, "clientSecret", "\"cs\"");
    assert_needed::<RegisterClient<'_>>(REGISTRATION, "clientSecretExpiresAt", "1775099045");
}

#[test]
fn a_device_authorization_is_read_whole() {
    let device = decode::<StartDeviceAuthorization<'_>>(DEVICE).unwrap();
    assert_eq!(device.device_code.expose(), "dc");
    assert_eq!(device.user_code, "ABCD-EFGH");
    assert_eq!(device.verification_uri, "https://v");
    assert_eq!(device.verification_uri_complete.as_deref(), Some("https://v?c"));
    assert_eq!(device.expires_in, Duration::from_secs(60));
    assert_eq!(device.interval, Some(Duration::from_secs(1)));
    assert_needed::<StartDeviceAuthorization<'_>>(DEVICE, "deviceCode", "\"dc\"");
    assert_needed::<StartDeviceAuthorization<'_>>(DEVICE, "userCode", "\"ABCD-EFGH\"");
    assert_needed::<StartDeviceAuthorization<'_>>(DEVICE, "verificationUri", "\"https://v\"");
}

#[test]
fn a_person_has_ten_minutes_where_the_service_does_not_say() {
    let body = r#"{"deviceCode":"dc","userCode":"A","verificationUri":"https://v"}"#;
    let device = decode::<StartDeviceAuthorization<'_>>(body).unwrap();
    assert_eq!((device.expires_in, device.interval), (Duration::from_secs(600), None));
}

#[test]
fn every_error_is_known_by_its_exception_and_by_its_oauth_name() {
    for (exception, name, kind) in [
        ("AccessDeniedException", "access_denied", ErrorKind::AccessDenied),
        ("AuthorizationPendingException", "authorization_pending", ErrorKind::AuthorizationPending),
        ("ExpiredTokenException", "expired_token", ErrorKind::ExpiredToken),
        ("InternalServerException", "server_error", ErrorKind::InternalServer),
        ("InvalidClientException", "invalid_client", ErrorKind::InvalidClient),
        (
            "InvalidClientMetadataException",
            "invalid_client_metadata",
            ErrorKind::InvalidClientMetadata,
        ),
        ("InvalidGrantException", "invalid_grant", ErrorKind::InvalidGrant),
        ("InvalidRedirectUriException", "invalid_redirect_uri", ErrorKind::InvalidRedirectUri),
        ("InvalidRequestException", "invalid_request", ErrorKind::InvalidRequest),
        ("InvalidScopeException", "invalid_scope", ErrorKind::InvalidScope),
        ("SlowDownException", "slow_down", ErrorKind::SlowDown),
        ("UnauthorizedClientException", "unauthorized_client", ErrorKind::UnauthorizedClient),
        (
            "UnsupportedGrantTypeException",
            "unsupported_grant_type",
            ErrorKind::UnsupportedGrantType,
        ),
        ("TeapotException", "teapot", ErrorKind::Other),
    ] {
        for code in [exception, name] {
            let error = ServiceError::new(StatusCode::BAD_REQUEST, code, None);
            assert_eq!(ErrorKind::of(&error), kind, "{code}");
        }
    }
}

#[test]
fn a_call_has_a_kind_only_where_the_service_answered() {
    let response = Response::builder().status(400).body(br#"{"error":"slow_down"}"#.to_vec());
    let error = CreateToken::decode(&response.unwrap()).unwrap_err();
    assert_eq!(ErrorKind::of_call(&error.into()), Some(ErrorKind::SlowDown));
    let lost = CallError::from(TransportError::new("h", false, "reset"));
    assert_eq!(ErrorKind::of_call(&lost), None);
}
