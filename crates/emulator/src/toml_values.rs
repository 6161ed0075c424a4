//! Reads the values of scenario files that serde alone would read otherwise, or not check.

use std::time::Duration;

use serde::{Deserialize, Deserializer};
use wire::Secret;

/// Whole seconds.
pub(crate) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u32::deserialize(deserializer).map(|seconds| Duration::from_secs(seconds.into()))
}

/// Twelve digits.
pub(crate) fn account_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Some(String::deserialize(deserializer)?)
        .filter(|id| is_account_id(id))
        .ok_or_else(|| serde::de::Error::custom("an account id is a string of twelve digits"))
}

pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(crate) fn secret<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Secret<String>, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

pub(crate) fn secrets<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Secret<String>>, D::Error> {
    let values = Vec::<String>::deserialize(deserializer)?;
    Ok(values.into_iter().map(Secret::new).collect())
}

pub(crate) fn optional_secrets<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Secret<String>>>, D::Error> {
    secrets(deserializer).map(Some)
}

/// A string, or a list of them.
pub(crate) fn one_or_many<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a string or a list of strings")]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

/// Returns the name that is most like one that is not known, where a message tells of such a one and of
/// those that are: unknown field `x`, expected one of `y`, `z`.
pub(crate) fn near(message: &str) -> Option<&str> {
    let rest = message.strip_prefix("unknown ")?;
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    let most = unknown.chars().count().div_ceil(3);
    let distances = quoted.map(|name| (strsim::damerau_levenshtein(unknown, name), name));
    distances.filter(|(distance, _)| *distance <= most).min().map(|(_, name)| name)
}
