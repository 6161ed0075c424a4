//! What the binary tells of its build, and how it is linked with GNU's C library.
#![expect(clippy::disallowed_methods, reason = "a build script is told what to do by variables")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=CC");
    println!("cargo:rustc-env=KEYFOB_TARGET={}", env::var("TARGET").unwrap_or_default());
    println!("cargo:rustc-env=KEYFOB_COMPILER={}", compiler().unwrap_or_default());
    let is = |name: &str, wanted: &str| env::var(name).is_ok_and(|value| value == wanted);
    if is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && env::var("HOST").ok() == env::var("TARGET").ok()
        && let Some(directory) = unwinder_as_gcc_s()
    {
        println!("cargo:rustc-link-search=native={}", directory.display());
    }
}

/// What the compiler calls itself. Cargo runs this again for another compiler.
fn compiler() -> Option<String> {
    let output = Command::new(env::var_os("RUSTC")?).arg("--version").output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// Puts the unwinder, where the C compiler has it as an archive, under the name that is asked for:
/// one shared object less to find, map and relocate at every start. Returns its directory.
fn unwinder_as_gcc_s() -> Option<PathBuf> {
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let output = Command::new(compiler).arg("-print-file-name=libgcc_eh.a").output().ok()?;
    let archive = String::from_utf8(output.stdout).ok()?;
    let archive = Some(Path::new(archive.trim())).filter(|path| path.is_absolute())?;
    let directory = PathBuf::from(env::var_os("OUT_DIR")?);
    fs::copy(archive, directory.join("libgcc_s.a")).ok()?;
    Some(directory)
}
