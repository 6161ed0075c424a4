//! `keyfob shell-init`: what a shell reads at its start.

use clap::ValueEnum;

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
    let text = match shell {
        Shell::Bash | Shell::Zsh => include_str!("shell_init/kf.sh"),
        Shell::Fish => include_str!("shell_init/kf.fish"),
        Shell::Powershell => include_str!("shell_init/kf.ps1"),
    };
    print(text.as_bytes())
}
