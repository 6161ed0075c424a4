//! The variables of the environment that programs take credentials from.

use std::ffi::OsString;
use std::process::Command;

use providers::Credentials;
use shared_config::Environment;
use wire::Secret;

/// Every variable that could lead a program to another identity than the one it is given.
pub(crate) const CONFLICTING: [&str; 27] = [
    "AMAZON_ACCESS_KEY_ID",
    "AMAZON_SECRET_ACCESS_KEY",
    "AMAZON_SESSION_TOKEN",
    "AWS_ACCESS_KEY",
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

/// What some program prefers to the keys of [`SET`], or mixes with them: JavaScript's SDK takes the
/// profile of AWS_PROFILE, botocore the token of AWS_SECURITY_TOKEN.
pub(crate) const PREFERRED: [&str; 3] =
    ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN"];

/// The keys, with what belongs to them.
pub(crate) const KEYS: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
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

/// Tells the shell's prompt, and another `exec`, whose credentials there are.
pub(crate) const MARKER: &str = "KEYFOB_EXEC";

/// Removes from the environment of a command what could lead it to another identity than the one of
/// that name, and gives it the region.
pub(crate) fn lead(command: &mut Command, name: &str, region: Option<&str>) {
    for name in CONFLICTING {
        command.env_remove(name);
    }
    command.envs(region.map(of_region).into_iter().flatten());
    command.env(MARKER, name);
}

/// Gives credentials to a command.
pub(crate) fn give(command: &mut Command, credentials: &Credentials) {
    for (name, value) in of_credentials(credentials) {
        command.envs(value.map(|value| (name, value.expose().clone())));
    }
}

/// Returns both spellings of NO_PROXY with loopback in them, for a server there: Rust's SDK asks the
/// proxy otherwise. Who has one spelling gets the other too, for programs read either.
pub(crate) fn of_no_proxy(environment: &Environment) -> [(&'static str, OsString); 2] {
    const LOOPBACK: &str = "127.0.0.1";
    [("NO_PROXY", "no_proxy"), ("no_proxy", "NO_PROXY")].map(|(name, other)| {
        let set = environment.get_os(name).or_else(|| environment.get_os(other));
        let mut value = set.map(OsString::from).unwrap_or_default();
        let text = value.to_string_lossy();
        // `*` means every host, but only where it stands alone.
        let is_exempt = text.trim() == "*" || text.split(',').any(|host| host.trim() == LOOPBACK);
        let separator = if text.is_empty() { "" } else { "," };
        if !is_exempt {
            value.push(separator);
            value.push(LOOPBACK);
        }
        (name, value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_added_to_both_spellings_of_no_proxy() {
        for (pairs, upper, lower) in [
            (&[][..], "127.0.0.1", "127.0.0.1"),
            (&[("NO_PROXY", "a,.b")], "a,.b,127.0.0.1", "a,.b,127.0.0.1"),
            (&[("no_proxy", "a")], "a,127.0.0.1", "a,127.0.0.1"),
            (&[("NO_PROXY", "a"), ("no_proxy", "b")], "a,127.0.0.1", "b,127.0.0.1"),
            (&[("NO_PROXY", "*")], "*", "*"),
            (&[("NO_PROXY", "a, 127.0.0.1 ,b")], "a, 127.0.0.1 ,b", "a, 127.0.0.1 ,b"),
        ] {
            let variables = of_no_proxy(&Environment::from_pairs(pairs.iter().copied()));
            let expected = [("NO_PROXY", upper.into()), ("no_proxy", lower.into())];
            assert_eq!(variables, expected, "{pairs:?}");
        }
    }
}
