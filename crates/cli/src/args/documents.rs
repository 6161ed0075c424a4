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
pub(crate) struct ShellInit {
    /// The shell
    pub(crate) shell: InitShell,
}

/// The shells that can be switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InitShell {
    /// In ~/.bashrc: eval "$(keyfob shell-init bash)"
    Bash,
    /// In ~/.config/fish/config.fish: keyfob shell-init fish | source
    Fish,
    /// In a file of $nu.user-autoload-dirs; its first lines say how it gets there
    Nushell,
    /// In $PROFILE: keyfob shell-init powershell | Out-String | Invoke-Expression
    Powershell,
    /// In ~/.zshrc: eval "$(keyfob shell-init zsh)"
    Zsh,
}

#[derive(Args, Debug)]
pub(crate) struct Man {
    /// The directory to write the page of each command into, such as ~/.local/share/man/man1; made
    /// where it is missing
    #[arg(long, value_hint = ValueHint::DirPath)]
    pub(crate) dir: Option<PathBuf>,
}
