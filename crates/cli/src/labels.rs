//! What a person calls accounts, and the tags that they put on them: `keyfob-accounts.toml` beside the
//! config file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use assignments::{Assigned, AssignedAccount};
use providers::is_account_id;
use serde::Deserialize;
use toml::Spanned;

use crate::env::World;
use crate::exit::Failure;

/// The name of the file.
const FILE: &str = "keyfob-accounts.toml";

/// Names and tags by account; empty where there is no file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels(BTreeMap<String, Label>);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Label {
    name: Option<String>,
    tags: Vec<String>,
}

/// The file is there and says nothing that counts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LabelsError {
    #[error("{}:{line}: {what}", path.display())]
    Line { path: PathBuf, line: usize, what: String },
    #[error("cannot read {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
}

impl From<LabelsError> for Failure {
    fn from(error: LabelsError) -> Self {
        let hint = match &error {
            LabelsError::Line { .. } => {
                "an account is written as `[111122223333]`, with `name = \"...\"` and \
                 `tags = [\"...\"]` below"
            }
            LabelsError::Unreadable { .. } => "make it readable, or move it away",
        };
        Self::usage(error).with_hint(hint)
    }
}

impl Labels {
    /// Reads the file. What hands out credentials alone does not need it.
    pub(crate) fn load(world: &World) -> Result<Self, LabelsError> {
        let path = world.locations.config.with_file_name(FILE);
        match read(&path) {
            Ok(text) => Self::parse(&text, &path),
            // The config may be what is no file, in what is no directory.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Ok(Self::default())
            }
            Err(source) => Err(LabelsError::Unreadable { path, source }),
        }
    }

    fn parse(text: &str, path: &Path) -> Result<Self, LabelsError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let refuse = |at: usize, what: String| {
            let before = text.as_bytes().iter().take(at);
            let line = before.filter(|byte| **byte == b'\n').count() + 1;
            LabelsError::Line { path: path.to_owned(), line, what }
        };
        let accounts: BTreeMap<Spanned<String>, Label> = toml::from_str(text).map_err(|error| {
            refuse(error.span().map_or(0, |span| span.start), error.message().to_owned())
        })?;
        let mut labels = BTreeMap::new();
        for (id, label) in accounts {
            let at = id.span().start;
            let id = id.into_inner();
            if !is_account_id(&id) {
                return Err(refuse(at, format!("`{id}` is not an account id of twelve digits")));
            }
            labels.insert(id, label);
        }
        Ok(Self(labels))
    }

    /// The name of an account: that of the person, else that of the portal.
    pub(crate) fn name<'a>(&'a self, account: &'a AssignedAccount) -> Option<&'a str> {
        self.own_name(&account.account_id).or(account.account_name.as_deref())
    }

    /// The name that the person has given.
    pub(crate) fn own_name(&self, account_id: &str) -> Option<&str> {
        self.0.get(account_id)?.name.as_deref().filter(|name| !name.trim().is_empty())
    }

    /// The tags of an account.
    pub(crate) fn tags(&self, account_id: &str) -> &[String] {
        self.0.get(account_id).map_or(&[], |label| &label.tags)
    }

    /// An account under the name that the person has given.
    pub(crate) fn named<'a>(&self, assigned: &'a Assigned) -> Cow<'a, Assigned> {
        match self.own_name(&assigned.account.account_id) {
            None => Cow::Borrowed(assigned),
            Some(name) => {
                let mut assigned = assigned.clone();
                assigned.account.account_name = Some(name.to_owned());
                Cow::Owned(assigned)
            }
        }
    }

    /// Gives accounts the names that the person has given.
    pub(crate) fn rename(&self, all: &mut [Assigned]) {
        for account in all.iter_mut().map(|assigned| &mut assigned.account) {
            if let Some(name) = self.own_name(&account.account_id) {
                account.account_name = Some(name.to_owned());
            }
        }
    }
}

/// Reads a file; opening a FIFO would take for ever.
fn read(path: &Path) -> io::Result<String> {
    match fs::metadata(path)?.is_file() {
        true => fs::read_to_string(path),
        false => Err(io::Error::other("it is not a file")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Labels, String> {
        Labels::parse(text, Path::new("x.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn names_and_tags_are_read() {
        let labels = parse(
            "\u{feff}[111122223333]\nname = \"Shop\"\ntags = [\"prod\", \"team a\"]\n\
             [000011112222]\nname = \" \"\n",
        )
        .unwrap();
        assert_eq!(labels.own_name("111122223333"), Some("Shop"));
        assert_eq!(labels.tags("111122223333"), ["prod", "team a"]);
        assert_eq!(labels.own_name("000011112222"), None, "a blank is no name");
        assert!(labels.tags("999999999999").is_empty());
        let inline = parse("000011112222 = { tags = [\"x\"] }").unwrap();
        assert_eq!(inline.tags("000011112222"), ["x"]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, what) in [
            ("[111122223333]\nnam = \"x\"\n", 2, "unknown field `nam`"),
            ("[111122223333]\ntags = \"x\"\n", 2, "expected a sequence"),
            ("\n[11112222333]\n", 2, "`11112222333` is not an account id"),
            ("[111122223333]\n\nname = x\n", 3, ""),
            ("[111122223333]\n[111122223333]\n", 2, "duplicate key"),
            ("111122223333 = \"Shop\"\n", 1, "expected struct"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(&format!("x.toml:{line}: ")), "{error}");
            assert!(error.contains(what), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }
}
