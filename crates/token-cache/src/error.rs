use std::io;
use std::path::PathBuf;

/// The bytes of a cache file are not what the file should hold.
///
/// Neither the error nor its text holds anything of the file, which is full of secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// A member is missing without which the file is of no use: it is of another kind, or the
    /// leftover of a failed sign-in.
    #[error("the file has no member `{0}`")]
    Missing(&'static str),
    /// The bytes are not one JSON object. Another program may be writing the file at this moment.
    #[error("the file is not a JSON object (line {line}, column {column})")]
    #[non_exhaustive]
    Syntax {
        /// The line, from 1, 0 where the file is empty.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
}

impl FormatError {
    pub(crate) fn syntax(error: &wire::ParseMembersError) -> Self {
        Self::Syntax { line: error.line, column: error.column }
    }
}

/// A session has no token that can be read.
///
/// Each variant names the session, which the name of the file does not tell.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Nobody has signed in.
    #[error("not signed in to `{session}`: there is no {}", path.display())]
    #[non_exhaustive]
    Absent {
        /// The name of the session, or its start URL.
        session: String,
        /// Where the token would be.
        path: PathBuf,
    },
    /// The file holds something else, or another program is writing it at this moment.
    #[error("the token of `{session}` at {} cannot be used", path.display())]
    #[non_exhaustive]
    Malformed {
        /// The name of the session, or its start URL.
        session: String,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: FormatError,
    },
    /// The file cannot be read.
    #[error("the token of `{session}` at {} cannot be read", path.display())]
    #[non_exhaustive]
    Unreadable {
        /// The name of the session, or its start URL.
        session: String,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}
