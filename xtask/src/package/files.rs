//! The files that come with the binary, and where each goes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{output, third_party, write};
use crate::{Result, cargo, root};

/// A row for each file: its name in archives, and its directory or name in the packages of Linux, where
/// those take it. All else is made of this table.
pub(crate) const FILES: [File; 13] = [
    File::new("keyfob", Some("/usr/bin/"), Some("/usr/bin/")),
    File::new("LICENSE-APACHE", None, Some("/usr/share/licenses/keyfob/")), // Debian: in `copyright`
    File::new("LICENSE-MIT", None, Some("/usr/share/licenses/keyfob/")),
    File::new("THIRD-PARTY", DOC, Some("/usr/share/licenses/keyfob/")),
    File::new("README.md", DOC, DOC),
    File::new("CHANGELOG.md", Some("/usr/share/doc/keyfob/changelog"), DOC),
    File::new("completions/keyfob.bash", BASH, BASH),
    File::new(
        "completions/_keyfob",
        Some("/usr/share/zsh/vendor-completions/"),
        Some("/usr/share/zsh/site-functions/"),
    ),
    File::new("completions/keyfob.fish", FISH, FISH),
    File::new("completions/keyfob.elv", None, None),
    File::new("completions/keyfob.nu", None, None),
    File::new("completions/keyfob.ps1", None, None),
    File::new("man/*.1", Some("/usr/share/man/man1/"), Some("/usr/share/man/man1/")),
];

const DOC: Option<&str> = Some("/usr/share/doc/keyfob/");
const BASH: Option<&str> = Some("/usr/share/bash-completion/completions/keyfob");
const FISH: Option<&str> = Some("/usr/share/fish/vendor_completions.d/");

pub(crate) struct File {
    pub(crate) name: &'static str,
    pub(crate) deb: Option<&'static str>,
    pub(crate) rpm: Option<&'static str>,
}

impl File {
    const fn new(name: &'static str, deb: Option<&'static str>, rpm: Option<&'static str>) -> Self {
        Self { name, deb, rpm }
    }

    pub(crate) fn mode(&self) -> &'static str {
        if self.name == "keyfob" { "755" } else { "644" }
    }
}

/// Writes all but the binary, which are the same for every system.
pub(super) fn common(directory: &Path) -> Result {
    fs::create_dir_all(directory.join("completions"))?;
    fs::create_dir_all(directory.join("man"))?;
    for name in ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "CHANGELOG.md"] {
        write(&directory.join(name), fs::read(root().join(name))?)?;
    }
    write(&directory.join("THIRD-PARTY"), third_party::text()?)?;
    for (shell, name) in [
        ("bash", "keyfob.bash"),
        ("fish", "keyfob.fish"),
        ("elvish", "keyfob.elv"),
        ("nushell", "keyfob.nu"),
        ("powershell", "keyfob.ps1"),
    ] {
        let script = output(keyfob().args(["completions", shell]))?;
        write(&directory.join("completions").join(name), script)?;
    }
    let zsh = root().join("packaging/zsh/_keyfob");
    write(&directory.join("completions/_keyfob"), fs::read(zsh)?)?;
    crate::run(keyfob().args(["man", "--dir"]).arg(directory.join("man")).stdout(Stdio::null()))
}

/// The program as this machine runs it: a binary for another one cannot tell what its pages are.
fn keyfob() -> Command {
    cargo(&["run", "--quiet", "--locked", "-p", "keyfob", "--"])
}
