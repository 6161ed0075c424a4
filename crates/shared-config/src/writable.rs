//! What can be written so that every tool reads it alike.

use crate::lex::{is_shared_name, without_comment};

/// An edit that is refused, because not every tool would read the result alike.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// A section of this name is there already.
    #[error("there is a section [{0}] already")]
    Exists(String),
    /// The kind of section has no place in this file.
    #[error("the credentials file has profiles only")]
    Kind,
    /// The name of a section has characters that some tools do not read.
    #[error("`{0}` is not a name that every tool reads: letters, digits and _.@+- only")]
    Name(String),
    /// The name of a setting has characters that some tools do not read.
    #[error("`{0}` is not the name of a setting")]
    Setting(String),
    /// The value could not be written on one line that every tool reads alike.
    #[error("the value of `{name}` cannot be written: {reason}")]
    #[non_exhaustive]
    Value {
        /// The setting.
        name: String,
        /// Why; the value itself may be a secret.
        reason: &'static str,
    },
}

/// Whether every tool reads a section of this name.
pub(crate) fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && is_shared_name(name) && !name.contains([':', '/', '%'])
}

/// Whether botocore reads a section of this name, in quotes if it must.
pub(crate) fn is_quotable_name(name: &str) -> bool {
    let is_odd = |c: char| c.is_control() || matches!(c, '[' | ']');
    let ends_quotes = name.contains('\'') && name.contains(['"', '\\']);
    !name.is_empty() && !name.contains(is_odd) && !ends_quotes
}

/// Checks that every tool reads the name of a setting.
pub(crate) fn check_setting(name: &str) -> Result<(), EditError> {
    if !name.is_empty() && is_shared_name(name) && !name.contains(':') {
        Ok(())
    } else {
        Err(EditError::Setting(name.to_owned()))
    }
}

/// Checks that every tool reads a value alike, and that it stays within its line.
pub(crate) fn check_value(name: &str, value: &str) -> Result<(), EditError> {
    let quoted = |quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    let reason = if value.is_empty() {
        "it is empty"
    } else if value.contains(char::is_control) {
        "it has control characters"
    } else if value.trim() != value {
        "it begins or ends with a blank"
    } else if without_comment(value) != value {
        "a part of it would be a comment"
    } else if quoted('"') || quoted('\'') {
        "Go would strip the quotes around it"
    } else {
        return Ok(());
    };
    Err(EditError::Value { name: name.to_owned(), reason })
}
