//! `cargo xtask dist`: the binaries that users get.

mod binary;
pub(crate) mod copy;
mod recipe;
mod sbom;
mod twice;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Result, root};
use recipe::Recipe;

const USAGE: &str = "usage: cargo xtask dist [--target TARGET]... [--check | --needs | --sbom]";

/// Builds for the targets of a command line, by default for machines like this one.
pub(crate) fn run(words: &[&str]) -> Result {
    let mut targets = Vec::new();
    let mut what: fn(&str) -> Result = |target| build(target).map(drop);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--target" => targets.push(words.next().ok_or(USAGE)?.to_string()),
            "--check" => what = twice::check,
            "--needs" => what = |target| Recipe::of(target).map(drop),
            "--sbom" => what = |target| sbom::write(target).map(drop),
            _ => return Err(USAGE.into()),
        }
    }
    if targets.is_empty() {
        targets.push(recipe::usual()?);
    }
    // What cannot be built is said before the first build.
    for target in &targets {
        Recipe::of(target)?;
    }
    targets.iter().try_for_each(|target| what(target))
}

/// Builds the binary for this machine; returns `target/dist/keyfob`.
pub(crate) fn for_host() -> Result<PathBuf> {
    build(&recipe::usual()?)?;
    Ok(own())
}

/// Builds the stripped, static binary for a target: `target/dist/<target>/keyfob`, with `.exe` for
/// Windows. Says what is missing where it cannot be built here.
#[expect(clippy::print_stdout, reason = "the size is worth to be seen")]
pub(crate) fn build(target: &str) -> Result<PathBuf> {
    let workspace = root().canonicalize()?;
    let into = workspace.join("target/dist-build");
    let built = Recipe::of(target)?.build(&workspace, &into, &recipe::cargo_home()?)?;
    binary::check(&built, target)?;
    let name = built.file_name().ok_or("a path without a name")?;
    let binary = dist().join(target).join(name);
    replace(&built, &binary)?;
    if target == recipe::usual()? {
        crate::run(Command::new(&binary).arg("--version").stdout(Stdio::null()))?; // whether it starts
        replace(&binary, &own())?;
    }
    println!("{target}: {} bytes, {}", fs::metadata(&binary)?.len(), binary.display());
    Ok(binary)
}

/// Where other chores find the binary for this machine.
fn own() -> PathBuf {
    dist().join(format!("keyfob{}", std::env::consts::EXE_SUFFIX))
}

fn dist() -> PathBuf {
    root().join("target/dist")
}

/// A binary that is running cannot be written over, but it can be replaced.
fn replace(from: &Path, to: &Path) -> Result {
    fs::create_dir_all(to.parent().ok_or("a path without a folder")?)?;
    let copy = to.with_extension("new");
    fs::copy(from, &copy)?;
    Ok(fs::rename(copy, to)?)
}
