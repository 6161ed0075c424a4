//! The workspace in another place.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::recipe::cargo_home;
use crate::{Result, root, run};

/// Copies what git knows, as it is now, and what it would ask to be added.
pub(crate) fn of_workspace(to: &Path) -> Result {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    let mut list = Command::new("git");
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = list.current_dir(root()).output()?;
    let names = String::from_utf8(output.stdout)?;
    for name in names.split_terminator('\0') {
        let from = root().join(name);
        let to = to.join(name);
        if from.is_file() {
            fs::create_dir_all(to.parent().ok_or("a path without a folder")?)?;
            fs::copy(from, to)?;
        }
    }
    Ok(())
}

/// A home of cargo that shares what the usual one has fetched.
pub(super) fn of_cargo_home(to: &Path) -> Result {
    fs::create_dir_all(to)?;
    for name in ["git", "registry"] {
        run(Command::new("ln").arg("-sfn").arg(cargo_home()?.join(name)).arg(to.join(name)))?;
    }
    Ok(())
}
