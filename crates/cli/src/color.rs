//! The colors of what wants something from a person.

/// Below so many seconds the end is near.
pub(crate) const NEAR: u64 = 15 * 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Color {
    Red,
    Yellow,
}

impl Color {
    /// The name by which zsh and tmux know it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Yellow => "yellow",
        }
    }

    /// What a terminal is sent before the text, and after it.
    pub(crate) fn escapes(self) -> (&'static str, &'static str) {
        let begin = match self {
            Self::Red => "\x1b[31m",
            Self::Yellow => "\x1b[33m",
        };
        (begin, "\x1b[0m")
    }
}
