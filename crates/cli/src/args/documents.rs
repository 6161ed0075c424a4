//! The arguments of the commands that tell of keyfob itself.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: Shell,
}

/// The shells that can ask what a command line may go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Elvish,
    Fish,
    Nushell,
    Powershell,
    Zsh,
}

#[derive(Args, Debug)]
pub(crate) struct Man {
    /// The directory to write the page of each command into, such as ~/.local/share/man/man1; made
    /// where it is missing
    #[arg(long, value_hint = ValueHint::DirPath)]
    pub(crate) dir: Option<PathBuf>,
}
