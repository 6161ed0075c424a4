//! `keyfob completions`: the line by which a shell asks keyfob while a person types.

use crate::args::{self, Shell};
use crate::complete::NUSHELL_SCRIPT;
use crate::exit::Failure;
use crate::ui::print;

pub(super) const BASH: &str = r#"eval "$(COMPLETE=bash keyfob)""#;
pub(super) const FISH: &str = "COMPLETE=fish keyfob | source";
pub(super) const POWERSHELL: &str = r#"$env:COMPLETE = "powershell"; keyfob | Out-String | Invoke-Expression; Remove-Item Env:\COMPLETE"#;

pub(crate) fn run(arguments: &args::Completions) -> Result<(), Failure> {
    let (place, line) = place_and_line(arguments.shell);
    print(format!("# Completions of keyfob, for {place}\n{}\n", line.trim_end()).as_bytes())
}

/// Where the line of a shell goes, and the line. It asks keyfob at each start of the shell for the rest,
/// so that both are of one version.
fn place_and_line(shell: Shell) -> (&'static str, &'static str) {
    match shell {
        Shell::Bash => ("~/.bashrc", BASH),
        Shell::Elvish => ("~/.config/elvish/rc.elv", "eval (env COMPLETE=elvish keyfob | slurp)"),
        Shell::Fish => ("~/.config/fish/completions/keyfob.fish", FISH),
        Shell::Nushell => ("config.nu, see `$nu.config-path`", NUSHELL_SCRIPT),
        Shell::Powershell => ("the file that $PROFILE names", POWERSHELL),
        Shell::Zsh => ("~/.zshrc, after compinit", "source <(COMPLETE=zsh keyfob)"),
    }
}
