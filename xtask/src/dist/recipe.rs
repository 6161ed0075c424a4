//! How the binary is built for each target, and what that needs.
#![expect(clippy::disallowed_methods, reason = "cargo and rustc are where the environment says")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Result, cargo_at, root, run_at};

/// Zig links all of musl. There are no tables for unwinding: a panic aborts.
const MUSL: [&str; 2] = ["-Clink-self-contained=no", "-Cforce-unwind-tables=no"];
/// Windows asks for the tables; its linker would note the time.
const WINDOWS: [&str; 2] = ["-Ctarget-feature=+crt-static", "-Clink-arg=-Wl,--no-insert-timestamp"];

/// The compilers that may have the source of their standard library: Debian's has it by a package.
const COMPILERS: [&str; 2] = ["rustc", "/usr/bin/rustc"];
const INSTALL_SOURCE: &str = "apt-get install rustc-web cargo-web rust-web-src";

/// A program, and the command that installs it: the versions that a release is made by.
type Tool = (&'static str, &'static str);

const AUDITABLE: Tool = ("cargo-auditable", "cargo install --locked cargo-auditable@0.7.7");
pub(super) const CYCLONEDX: Tool =
    ("cargo-cyclonedx", "cargo install --locked cargo-cyclonedx@0.5.9");
/// Zig has the sources of musl in itself: the C library of this machine does not matter.
const ZIGBUILD: Tool =
    ("cargo-zigbuild", "python3 -m pip install ziglang==0.17.1 cargo-zigbuild==0.24.0");
const MINGW: Tool = ("x86_64-w64-mingw32-gcc", "apt-get install gcc-mingw-w64-x86-64-win32");

/// Where the standard library for a target comes from.
#[derive(Clone, Copy, PartialEq)]
enum Std {
    Installed,
    /// It is built too.
    Source,
    Missing,
}

/// The targets that can be built on any Linux, each with what links it, and compiles what is in C.
const KNOWN: [(&str, Tool, &[&str]); 3] = [
    ("aarch64-unknown-linux-musl", ZIGBUILD, &MUSL),
    ("x86_64-pc-windows-gnu", MINGW, &WINDOWS),
    ("x86_64-unknown-linux-musl", ZIGBUILD, &MUSL),
];

pub(super) struct Recipe {
    target: String,
    linker: Tool,
    flags: &'static [&'static str],
    compiler: &'static str,
    std: Std,
}

impl Recipe {
    /// Fails where something is missing, and says by which command it is installed.
    pub(super) fn of(target: &str) -> Result<Self> {
        let known = KNOWN.iter().find(|(name, ..)| *name == target);
        let (_, linker, flags) = *known.ok_or_else(|| {
            let names = KNOWN.map(|(name, ..)| name).join(", ");
            format!("there is no way to {target}; there is to {names}")
        })?;
        let (compiler, std) = compiler_for(target)?;
        let recipe = Self { target: target.to_owned(), linker, flags, compiler, std };
        let mut missing = missing(&[AUDITABLE, linker]);
        if std == Std::Missing {
            missing.push(format!(
                "its standard library: rustup target add {target}; or the source: {INSTALL_SOURCE}"
            ));
        }
        told(target, &missing)?;
        Ok(recipe)
    }

    /// Builds the workspace that is in a folder, with fat LTO; returns the binary.
    pub(super) fn build(&self, workspace: &Path, into: &Path, home: &Path) -> Result<PathBuf> {
        let verb = if self.linker == ZIGBUILD { "zigbuild" } else { "build" };
        let compiler = Path::new(self.compiler);
        let mut build = cargo_at(&compiler.with_file_name("cargo"));
        build.args(["auditable", verb, "--release", "--locked", "--package", "keyfob"]);
        // A target that is named keeps the flags away from macros, which are shared objects.
        build.args(["--target", &self.target, "--target-dir"]).arg(into);
        build.env("RUSTC", compiler).env("CARGO_HOME", home);
        if self.std == Std::Source {
            // Unstable options, which a stable compiler takes by this variable.
            build.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_abort");
        }
        let mut flags: Vec<String> = self.flags.iter().copied().map(str::to_owned).collect();
        flags.extend(self.renamed_paths(workspace, home)?);
        if let Ok(commit) = commit() {
            build.env("KEYFOB_COMMIT", commit); // an unpacked archive has none
        }
        build.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
        run_at(workspace, &mut build)?;
        let name = if self.target.contains("-windows-") { "keyfob.exe" } else { "keyfob" };
        Ok(into.join(&self.target).join("release").join(name))
    }

    /// The flags by which no path of this machine gets into the binary: where it was built makes no
    /// difference.
    fn renamed_paths(&self, workspace: &Path, home: &Path) -> Result<Vec<String>> {
        let source = sysroot(self.compiler)?.join(SOURCE);
        let of = |path: &Path, name: &str| format!("--remap-path-prefix={}={name}", path.display());
        Ok(vec![of(workspace, "/keyfob"), of(home, "/cargo"), of(&source, "/rust")])
    }
}

/// Fails where a program is missing, and says by which command it is installed.
pub(super) fn needs(what: &str, tools: &[Tool]) -> Result {
    told(what, &missing(tools))
}

fn missing(tools: &[Tool]) -> Vec<String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let is_there = |name| env::split_paths(&path).any(|folder| folder.join(name).is_file());
    let missing = tools.iter().filter(|(name, _)| !is_there(name));
    missing.map(|(name, install)| format!("{name}: {install}")).collect()
}

fn told(what: &str, missing: &[String]) -> Result {
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("for {what} is missing\n  {}", missing.join("\n  ")).into())
}

/// The source of the standard library, below the folder of a compiler.
const SOURCE: &str = "lib/rustlib/src/rust";

/// The compiler that has a standard library for a target, else one that has its source.
fn compiler_for(target: &str) -> Result<(&'static str, Std)> {
    let [usual, ..] = COMPILERS;
    if Path::new(&answer(usual, &["--print", "target-libdir", "--target", target])?).is_dir() {
        return Ok((usual, Std::Installed));
    }
    for compiler in COMPILERS {
        let sysroot = sysroot(compiler).ok();
        if sysroot.is_some_and(|sysroot| sysroot.join(SOURCE).join("library/std").is_dir()) {
            return Ok((compiler, Std::Source));
        }
    }
    Ok((usual, Std::Missing))
}

fn sysroot(compiler: &str) -> Result<PathBuf> {
    Ok(answer(compiler, &["--print", "sysroot"])?.into())
}

/// What users of a machine like this one get: on Linux the same binary, whatever its C library is.
pub(super) fn usual() -> Result<String> {
    let host = answer("rustc", &["--print", "host-tuple"])?;
    Ok(match host.strip_suffix("-linux-gnu") {
        Some(processor) => format!("{processor}-linux-musl"),
        None => host,
    })
}

/// What is built, for `keyfob --version --verbose`.
fn commit() -> Result<String> {
    let folder = root().display().to_string();
    answer("git", &["-C", &folder, "describe", "--always", "--exclude=*", "--abbrev=40", "--dirty"])
}

pub(super) fn answer(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    let text = String::from_utf8(output.stdout)?.trim().to_owned();
    if output.status.success() {
        return Ok(text);
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()).into())
}

pub(super) fn cargo_home() -> Result<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    Ok(home.ok_or("neither CARGO_HOME nor a home directory")?)
}

#[cfg(test)]
mod tests {
    use super::{Recipe, needs};

    #[test]
    fn whoever_asks_for_an_unknown_target_hears_which_there_are() {
        let refusal = Recipe::of("mips-unknown-none").err().unwrap().to_string();
        assert!(refusal.contains("no way to mips-unknown-none"), "{refusal}");
        assert!(refusal.contains("aarch64-unknown-linux-musl"), "{refusal}");
    }

    #[test]
    fn what_is_missing_comes_with_the_command_that_installs_it() {
        let tools = [("no-such-program", "apt-get install it"), ("sh", "apt-get install dash")];
        let refusal = needs("a test", &tools).unwrap_err().to_string();
        assert_eq!(refusal, "for a test is missing\n  no-such-program: apt-get install it");
    }
}
