#![doc = include_str!("../README.md")]

mod callback;
mod create_token;
mod device_poll;
mod error;
mod json_request;
mod pkce;
mod register_client;
mod start_device_authorization;
mod start_url;

use std::time::Duration;

use http::Uri;
use wire::{EndpointError, EndpointVariant, Members};

pub use callback::{AuthorizationCode, CallbackError, parse_callback};
pub use create_token::{CreateToken, Grant, Token};
pub use device_poll::{DEFAULT_INTERVAL, DevicePoll, Step};
pub use error::ErrorKind;
pub use pkce::Pkce;
pub use register_client::{RegisterClient, Registration};
pub use start_device_authorization::{DeviceAuthorization, StartDeviceAuthorization};
pub use start_url::{StartUrl, StartUrlError};

pub use http;
pub use wire;

/// The service id in `services` sections; the suffix of `AWS_ENDPOINT_URL_SSO_OIDC` in lower case.
pub const SERVICE_ID: &str = "sso_oidc";

/// The grant type of an authorization code.
pub const AUTHORIZATION_CODE: &str = "authorization_code";
/// The grant type of a device code.
pub const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// The grant type of a refresh token.
pub const REFRESH_TOKEN: &str = "refresh_token";

/// The scope with which a session may list accounts and fetch role credentials.
pub const DEFAULT_SCOPE: &str = "sso:account:access";

/// The path of the loopback redirect URI that the AWS CLI registers; sharing its registrations
/// needs the same.
pub const CALLBACK_PATH: &str = "/oauth/callback";

/// Returns the endpoint of SSO OIDC in a region.
///
/// # Errors
/// Fails where the region is not a host label.
pub fn endpoint(region: &str, variant: EndpointVariant) -> Result<Uri, EndpointError> {
    wire::regional_endpoint("oidc", region, variant)
}

fn take_seconds(members: &mut Members, name: &str) -> Option<Duration> {
    members.take_i64(name).and_then(|number| u64::try_from(number).ok()).map(Duration::from_secs)
}
