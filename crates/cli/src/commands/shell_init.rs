//! `keyfob shell-init`: what a shell reads at its start.

use super::completions;
use crate::args::{InitShell, ShellInit};
use crate::complete::NUSHELL_SCRIPT;
use crate::exit::Failure;
use crate::ui::print;

pub(crate) fn run(arguments: &ShellInit) -> Result<(), Failure> {
    let posix = include_str!("shell_init/kf.sh");
    let (kf, completions) = match arguments.shell {
        InitShell::Bash => (posix, completions::BASH),
        InitShell::Fish => (include_str!("shell_init/kf.fish"), completions::FISH),
        InitShell::Nushell => (include_str!("shell_init/kf.nu"), NUSHELL_SCRIPT),
        InitShell::Powershell => (include_str!("shell_init/kf.ps1"), completions::POWERSHELL),
        // Without compinit zsh completes nothing.
        InitShell::Zsh => (posix, "(( ! $+functions[compdef] )) || source <(COMPLETE=zsh keyfob)"),
    };
    print(format!("{kf}\n{completions}\n").as_bytes())
}
