//! `keyfob shell-init`: what a shell reads at its start.

use clap::ValueEnum;

use super::completions;
use crate::exit::Failure;
use crate::ui::print;

/// The shells that can be switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// In ~/.bashrc: eval "$(keyfob shell-init bash)"
    Bash,
    /// In ~/.config/fish/config.fish: keyfob shell-init fish | source
    Fish,
    /// In $PROFILE: keyfob shell-init powershell | Out-String | Invoke-Expression
    Powershell,
    /// In ~/.zshrc: eval "$(keyfob shell-init zsh)"
    Zsh,
}

pub(crate) fn run(shell: Shell) -> Result<(), Failure> {
    let posix = include_str!("shell_init/kf.sh");
    let (kf, completions) = match shell {
        Shell::Bash => (posix, "eval \"$(COMPLETE=bash keyfob)\""),
        Shell::Fish => (include_str!("shell_init/kf.fish"), "COMPLETE=fish keyfob | source"),
        Shell::Powershell => (include_str!("shell_init/kf.ps1"), completions::POWERSHELL),
        // Without compinit zsh completes nothing.
        Shell::Zsh => (posix, "(( ! $+functions[compdef] )) || source <(COMPLETE=zsh keyfob)"),
    };
    print(format!("{kf}\n{completions}\n").as_bytes())
}
