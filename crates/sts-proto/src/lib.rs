#![doc = include_str!("../README.md")]

mod assume_role;
mod assume_role_with_web_identity;
mod endpoint;
mod get_caller_identity;
mod query;
mod role;
mod sigv4;
mod xml;

pub use assume_role::{AssumeRole, AssumedRole};
pub use assume_role_with_web_identity::{AssumeRoleWithWebIdentity, WebIdentityRole};
pub use endpoint::Endpoint;
pub use get_caller_identity::{CallerIdentity, GetCallerIdentity};
pub use role::AssumedRoleUser;
pub use sigv4::{Signer, SigningKeys, sign};

pub use http;
pub use wire;

/// The service id of STS in `AWS_ENDPOINT_URL_STS` and in `services` sections.
pub const SERVICE_ID: &str = "sts";
