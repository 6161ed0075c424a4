use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The environment of a program, captured once.
///
/// An empty variable counts as one that is not set, everywhere; on Windows names are the same in any
/// case. A clone shares the variables.
#[derive(Clone, Default)]
pub struct Environment {
    variables: Arc<HashMap<OsString, OsString>>,
    account_home: Option<PathBuf>,
}

/// A variable that counts cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the variable {0} is not UTF-8")]
#[non_exhaustive]
pub struct NotUnicode(String);

impl fmt::Debug for Environment {
    /// Names the variables alone: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

impl Environment {
    /// Captures variables, such as those of `std::env::vars_os`.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let variables = variables.into_iter().filter(|(_, value)| !value.is_empty());
        let variables = variables.map(|(name, value)| (key(name.into()).into_owned(), value));
        Self { variables: Arc::new(variables.collect()), account_home: None }
    }

    /// Captures variables from texts, for tests.
    pub fn from_pairs<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self::new(variables.into_iter().map(|(name, value)| (name.into(), value.into())))
    }

    /// Adds the home directory of the user's account, which counts where no variable names one.
    #[must_use]
    pub fn with_account_home(self, account_home: Option<PathBuf>) -> Self {
        Self { account_home, ..self }
    }

    /// Returns a variable that is a text.
    ///
    /// # Errors
    /// Fails where it is not UTF-8: what cannot be read is not unset.
    pub fn text(&self, name: &str) -> Result<Option<&str>, NotUnicode> {
        let Some(value) = self.get_os(name) else { return Ok(None) };
        value.to_str().map(Some).ok_or_else(|| NotUnicode(name.to_owned()))
    }

    /// Returns the first of several variables that is set.
    ///
    /// # Errors
    /// Fails where it is not UTF-8.
    pub fn first_text(&self, names: &[&str]) -> Result<Option<&str>, NotUnicode> {
        names.iter().find_map(|name| self.text(name).transpose()).transpose()
    }

    /// Returns a variable that is set, not empty and valid UTF-8, for what only switches something;
    /// what credentials depend on is asked for with [`Environment::text`].
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_os(name).and_then(OsStr::to_str)
    }

    /// Returns a variable that is set and not empty, for what is no text but a path.
    pub fn get_os(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(&*key(OsStr::new(name).into())).map(OsString::as_os_str)
    }

    /// Returns the first of several variables that is set.
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Whether a variable says `true` or `false`, in any case; anything else says nothing.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).and_then(parse_flag)
    }

    pub(crate) fn account_home(&self) -> Option<&Path> {
        self.account_home.as_deref()
    }
}

/// A name as it is looked up: for Windows it is the same in any case.
fn key(name: Cow<'_, OsStr>) -> Cow<'_, OsStr> {
    if cfg!(windows) { Cow::Owned(name.to_ascii_uppercase()) } else { name }
}

pub(crate) fn parse_flag(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}
