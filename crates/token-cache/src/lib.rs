#![doc = include_str!("../README.md")]

mod assumed_role;
mod directory;
mod error;
mod freshness;
mod holder;
mod key;
mod lock;
mod refusal;
mod registration;
mod role;
mod sso_token;

pub use assumed_role::{AssumedRoleKey, CachedAssumedRole, SourceSession, Step};
pub use directory::{CacheFile, Directory, MAX_FILE};
pub use error::{FormatError, TokenError};
pub use freshness::{Freshness, Policy};
pub use key::{CacheKey, RegistrationKey, RoleKey, SessionKey};
pub use lock::{Lock, Locking};
pub use private_file::{Replacement, Written};
pub use refusal::CachedRefusal;
pub use registration::{CachedRegistration, Flow};
pub use role::{CachedCredentials, CachedRole, Origin};
pub use sso_token::CachedToken;

pub use wire;

/// Parses the JSON object of a cache file.
fn members(bytes: &[u8]) -> Result<wire::Members, FormatError> {
    wire::Members::from_slice(without_byte_order_mark(bytes))
        .map_err(|source| FormatError::syntax(&source))
}

/// Some editors leave one.
fn without_byte_order_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Reads a time; what cannot be read as one is absent.
fn time(members: &mut wire::Members, name: &str) -> Option<wire::Timestamp> {
    wire::Timestamp::parse(&members.take_text(name)?).ok()
}

/// Writes a one-line JSON object: the named members in their order, already in JSON and without
/// those that have no value, then the members of other tools as they were.
fn object<const N: usize>(
    named: [(&str, Option<String>); N],
    rest: &wire::Members,
) -> wire::Secret<Vec<u8>> {
    let mut json = String::from("{");
    let mut member = |name: &str, value: &str| {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&quoted(name));
        json.push(':');
        json.push_str(value);
    };
    for (name, value) in named {
        if let Some(value) = value.map(zeroize::Zeroizing::new) {
            member(name, &value);
        }
    }
    for (name, value) in rest.rest() {
        member(name, value);
    }
    json.push('}');
    wire::Secret::new(json.into_bytes())
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn quoted_secret(secret: &wire::Secret<String>) -> String {
    quoted(secret.expose())
}
