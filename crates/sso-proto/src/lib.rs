#![doc = include_str!("../README.md")]

mod get_role_credentials;
mod list_account_roles;
mod list_accounts;
mod logout;

use http::{HeaderValue, Method, Request, Uri};
use wire::{DecodeError, EncodeError, EndpointError, EndpointVariant, Secret};

pub use get_role_credentials::GetRoleCredentials;
pub use list_account_roles::{ListAccountRoles, Role, RolesPage};
pub use list_accounts::{Account, AccountsPage, ListAccounts};
pub use logout::Logout;

pub use http;
pub use wire;

/// The service id of the portal in `AWS_ENDPOINT_URL_SSO` and in `services` sections (`sso`).
pub const SERVICE_ID: &str = "sso";

/// The most accounts or roles that a page may hold.
pub const MAX_RESULTS: u32 = 100;

/// Returns the endpoint of the portal in a region.
///
/// # Errors
/// Fails where the region is not a host label.
pub fn endpoint(region: &str, variant: EndpointVariant) -> Result<Uri, EndpointError> {
    wire::regional_endpoint("portal.sso", region, variant)
}

/// Writes a request without a body that carries the access token.
fn bearer_request(
    method: Method,
    uri: Uri,
    access_token: &Secret<String>,
) -> Result<Request<Vec<u8>>, EncodeError> {
    let mut token = HeaderValue::from_str(access_token.expose())
        .map_err(|_| EncodeError::Member("accessToken"))?;
    token.set_sensitive(true);
    let mut request = Request::new(Vec::new());
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    request.headers_mut().insert("x-amz-sso_bearer_token", token);
    Ok(request)
}

/// The query members of a page: `next_token` and `max_result`, which is singular on the wire.
fn page_query<'a>(
    next_token: Option<&'a str>,
    max_results: Option<&'a str>,
) -> impl Iterator<Item = (&'static str, &'a str)> {
    next_token
        .map(|token| ("next_token", token))
        .into_iter()
        .chain(max_results.map(|number| ("max_result", number)))
}

/// The token of the page after one that was asked for with `current` and answered `next`.
fn following(current: Option<&str>, next: Option<&str>) -> Result<Option<String>, DecodeError> {
    match next {
        Some(next) if current == Some(next) => Err(DecodeError::RepeatedPage),
        next => Ok(next.map(str::to_owned)),
    }
}
