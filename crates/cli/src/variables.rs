//! The variables of the environment that programs take credentials from.

use providers::Credentials;
use wire::Secret;

/// Every variable that could lead a program to another identity than the one it is given.
pub(crate) const CONFLICTING: [&str; 24] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_ACCOUNT_ID",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_CREDENTIAL_FILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_EXPIRATION",
    "AWS_SESSION_TOKEN",
    "AWS_SSO_ACCOUNT_ID",
    "AWS_SSO_REGION",
    "AWS_SSO_ROLE_NAME",
    "AWS_SSO_START_URL",
    "AWS_VAULT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AMAZON_SESSION_TOKEN",
];

/// The names that [`of_credentials`] and [`of_region`] may set.
pub(crate) const SET: [&str; 6] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
];

/// Returns credentials as variables; `None` for one that must not be set.
pub(crate) fn of_credentials(
    credentials: &Credentials,
) -> [(&'static str, Option<Secret<String>>); 4] {
    let expiration = credentials.expiration.map(|time| Secret::new(time.to_string()));
    [
        ("AWS_ACCESS_KEY_ID", Some(Secret::new(credentials.access_key_id.clone()))),
        ("AWS_SECRET_ACCESS_KEY", Some(credentials.secret_access_key.clone())),
        ("AWS_SESSION_TOKEN", credentials.session_token.clone()),
        ("AWS_CREDENTIAL_EXPIRATION", expiration),
    ]
}

/// Returns the two variables of a region; SDKs read the one or the other.
pub(crate) fn of_region(region: &str) -> [(&'static str, String); 2] {
    [("AWS_REGION", region.to_owned()), ("AWS_DEFAULT_REGION", region.to_owned())]
}
