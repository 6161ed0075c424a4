//! `cargo xtask first`: how long somebody waits who has just cloned the repository.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use crate::dist::copy;
use crate::startup::now;
use crate::{Result, cargo, root};

/// On two cores, with the download of all crates.
const LIMIT: Duration = Duration::from_secs(100);

/// Runs the first command of the README in a copy of the workspace, with a home of cargo that is empty.
#[expect(clippy::print_stdout, reason = "the figure is the point")]
pub(crate) fn run() -> Result {
    let folder = root().canonicalize()?.join("target/first");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let workspace = folder.join("keyfob");
    copy::of_workspace(&workspace)?;
    let mut demo = cargo(&["run", "--", "demo", "--no-browser"]);
    demo.current_dir(&workspace).stdout(Stdio::null()).stderr(Stdio::null());
    demo.env("CARGO_HOME", folder.join("home")).env_remove("CARGO_TARGET_DIR");
    let begin = now();
    let status = demo.status()?;
    let time = begin.elapsed();
    if !status.success() {
        return Err(format!("{demo:?}: {status}").into());
    }
    println!("the first command of the README: {time:.0?} (allowed: {LIMIT:.0?})");
    fs::remove_dir_all(folder)?;
    if time > LIMIT { Err("that is too long".into()) } else { Ok(()) }
}
