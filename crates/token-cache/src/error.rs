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
