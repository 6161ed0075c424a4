//! Links the unwinder into the binary, where the C compiler has it as an archive: one shared object
//! less to find, map and relocate at every start. A static binary has it in any case.
#![expect(clippy::disallowed_methods, reason = "a build script is told what to do by variables")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=CC");
    let is = |name: &str, wanted: &str| env::var(name).is_ok_and(|value| value == wanted);
    let is_native = env::var("HOST").ok() == env::var("TARGET").ok();
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && is_native {
        // Where there is none, the shared one is linked as always.
        if let Some(directory) = archive_as_gcc_s() {
            println!("cargo:rustc-link-search=native={}", directory.display());
        }
    }
}

/// Puts the archive under the name that the compiler asks for; returns its directory.
fn archive_as_gcc_s() -> Option<PathBuf> {
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let output = Command::new(compiler).arg("-print-file-name=libgcc_eh.a").output().ok()?;
    let archive = String::from_utf8(output.stdout).ok()?;
    let archive = Some(Path::new(archive.trim())).filter(|path| path.is_absolute())?;
    let directory = PathBuf::from(env::var_os("OUT_DIR")?);
    fs::copy(archive, directory.join("libgcc_s.a")).ok()?;
    Some(directory)
}
