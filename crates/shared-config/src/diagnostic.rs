use std::fmt;
use std::path::PathBuf;

/// A line of a file, printed as `path:line`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)
    }
}

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "a line is tolerated or not")]
pub enum Severity {
    /// The line was understood, but not every tool understands it alike.
    Warning,
    /// The line was not understood; a profile that needs its section is refused.
    Error,
}

/// A line that is not as every tool expects it. It never holds anything of the line itself but
/// names, for values may be secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The line.
    pub place: Place,
    /// The column, from 1, in bytes.
    pub column: usize,
    /// How much it matters.
    pub severity: Severity,
    /// What it is.
    pub message: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.place, self.column, self.message)
    }
}
