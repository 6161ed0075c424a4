use std::fmt;

use crate::{Form, Naming};

/// How profiles are made, and what may happen to those that are there.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options<'o> {
    /// How they say where credentials come from.
    pub form: Form,
    /// How they are named.
    pub naming: Naming,
    /// Whether a profile gets the name that it would have today.
    pub rename: bool,
    /// Whether settings that a person changed are written again.
    pub overwrite_edited: bool,
    /// Whether profiles of roles that are no longer assigned are removed.
    pub prune: bool,
    /// Whether profiles are added and changed.
    pub write: bool,
    /// Whether all roles of an account are known: without that nothing of it is removed.
    pub is_listed: &'o dyn Fn(&str) -> bool,
}

impl<'o> Options<'o> {
    /// Adds and changes profiles, and removes and renames none.
    pub fn new(form: Form, naming: impl Into<Naming>) -> Self {
        Self {
            form,
            naming: naming.into(),
            rename: false,
            overwrite_edited: false,
            prune: false,
            write: true,
            is_listed: &|_| true,
        }
    }

    /// Gives profiles the names that they would have today, or not.
    #[must_use]
    pub fn with_rename(self, rename: bool) -> Self {
        Self { rename, ..self }
    }

    /// Writes settings again that a person changed, or not.
    #[must_use]
    pub fn with_overwrite_edited(self, overwrite_edited: bool) -> Self {
        Self { overwrite_edited, ..self }
    }

    /// Removes profiles of roles that are no longer assigned, or not.
    #[must_use]
    pub fn with_prune(self, prune: bool) -> Self {
        Self { prune, ..self }
    }

    /// Adds and changes profiles, or leaves that.
    #[must_use]
    pub fn with_write(self, write: bool) -> Self {
        Self { write, ..self }
    }

    /// Tells of which accounts all roles are known; of the others nothing is removed. All are, by
    /// default.
    #[must_use]
    pub fn with_listed(self, is_listed: &'o dyn Fn(&str) -> bool) -> Self {
        Self { is_listed, ..self }
    }
}

impl fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("form", &self.form)
            .field("naming", &self.naming)
            .finish_non_exhaustive()
    }
}
