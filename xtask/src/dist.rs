//! `cargo xtask dist`: the binary that users get.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::{Result, cargo, root};

/// Short relocations: a fortieth of the file, all of it read at every start. GNU's C library knows
/// them since 2.36. No tables for unwinding: a panic aborts.
const STATIC: &str = "-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs \
                      -C force-unwind-tables=no";

/// Builds a static, stripped binary with fat LTO: `target/dist/keyfob`.
///
/// With musl where its target is installed, else with the C library of this machine. Both look up
/// names in files and by DNS and ask nothing else; `tests/names` shows it.
pub(crate) fn run() -> Result<PathBuf> {
    let (target, flags) = if let Some(musl) = musl_target()? {
        (musl, "")
    } else {
        // A target that is named keeps the flags away from macros, which are shared objects.
        (host()?, STATIC)
    };
    let mut build = cargo(&["build", "--release", "-p", "keyfob", "--target", &target]);
    build.args(["--target-dir", "target/dist-build"]);
    if !flags.is_empty() {
        build.env("RUSTFLAGS", flags);
    }
    crate::run(&mut build)?;
    let name = format!("keyfob{}", std::env::consts::EXE_SUFFIX);
    let built = root().join("target/dist-build").join(&target).join("release").join(&name);
    crate::run(Command::new(&built).arg("--version").stdout(Stdio::null()))?; // whether it starts
    let directory = root().join("target/dist");
    fs::create_dir_all(&directory)?;
    let binary = directory.join(name);
    // One that is running cannot be written over, but it can be replaced.
    let copy = directory.join("keyfob.new");
    fs::copy(built, &copy)?;
    fs::rename(copy, &binary)?;
    Ok(binary)
}

fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("rustc does not tell its host")?.to_owned())
}

fn musl_target() -> Result<Option<String>> {
    let target = host()?.replace("-gnu", "-musl");
    let output =
        Command::new("rustc").args(["--print", "target-libdir", "--target", &target]).output()?;
    let directory = PathBuf::from(String::from_utf8(output.stdout)?.trim());
    Ok((target.ends_with("-musl") && directory.is_dir()).then_some(target))
}
