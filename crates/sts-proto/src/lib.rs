#![doc = include_str!("../README.md")]

mod get_caller_identity;
mod sigv4;
mod xml;

use http::Uri;
use wire::{EndpointError, EndpointVariant};

pub use get_caller_identity::{CallerIdentity, GetCallerIdentity};
pub use sigv4::{SigningKeys, sign};

/// The service id of STS in `AWS_ENDPOINT_URL_STS` and in `services` sections.
pub const SERVICE_ID: &str = "sts";

/// Returns the regional endpoint of STS.
///
/// # Errors
/// Fails where the region is not a host label.
pub fn endpoint(region: &str, variant: EndpointVariant) -> Result<Uri, EndpointError> {
    wire::regional_endpoint("sts", region, variant)
}
