//! Chores of the workspace; `cargo xtask` lists them.

mod bench;
mod command_cases;
mod dist;
mod first;
mod fuzz;
mod home;
mod kill;
mod package;
mod pictures;
mod public_types;
mod release;
mod startup;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
usage: cargo xtask CHORE

  bench                   time parsers, signatures, searches and whole commands, beside others
  ci                      everything that .ci/run checks
  conformance             run the corpora suites, and print the cases run, differing and skipped
  conformance --command CMD
                          run the case folders against a credential_process command
  dist                    build the static binary that users get, target/dist/keyfob
  dist --target TARGET... build those for other machines, target/dist/TARGET/keyfob
  dist --check            build it twice, in two folders; the bytes must be the same
  dist --needs            build nothing, and tell what is missing for it
  dist --sbom             list what it is made of, target/dist/TARGET/keyfob.cdx.json
  first                   time the first command of the README, with nothing built or fetched
  fuzz TARGET [SECONDS]   fuzz a target (cargo install cargo-fuzz), 60 seconds by default
  fuzz TARGET keep        add to its seeds what of its corpus reaches more code
  kill [VICTIM...]        kill the binary where it touches files or the network
  package [--address URL] [TARGET...]
                          make archives and packages of what dist has built, in target/packages
  pictures                make docs/pictures anew, from what the binary prints
  public-types            check which foreign types the crates show
  release [--dry-run] [--address URL] [--sign CMD]
                          make all that a release consists of, and tell what to publish where
  startup                 check what the binaries do and cost on their warm path, with strace
  storm [ROUNDS]          a hundred processes at once, 20 rounds by default";

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[expect(clippy::print_stderr, reason = "a chore talks to whoever runs it")]
fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["bench"] => bench::run_all(),
        ["ci"] => run(Command::new("bash").arg(".ci/run")),
        ["conformance"] => run(cargo(&["test", "--quiet", "-p", "conformance"]).args([
            "--",
            "--nocapture",
            "--test-threads=1",
        ])),
        ["conformance", "--command", command] => command_cases::run(command),
        ["dist", arguments @ ..] => dist::run(arguments),
        ["first"] => first::run(),
        ["fuzz", target] => fuzz::run(target, "60"),
        ["fuzz", target, "keep"] => fuzz::keep(target),
        ["fuzz", target, seconds] => fuzz::run(target, seconds),
        ["kill", victims @ ..] => kill::run(victims),
        ["package", targets @ ..] => package::run_all(targets),
        ["pictures"] => pictures::run(),
        ["public-types"] => public_types::run(),
        ["release", arguments @ ..] => release::prepare(arguments),
        ["startup"] => startup::run(),
        ["storm"] => storm("20"),
        ["storm", rounds] => storm(rounds),
        _ => Err(USAGE.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the tests with a hundred processes so many rounds each.
fn storm(rounds: &str) -> Result {
    let mut test = cargo(&["test", "-p", "keyfob", "--test", "it", "--", "--nocapture", "storm"]);
    run(test.env("KEYFOB_STORM_ROUNDS", rounds))
}

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = cargo_at(Path::new("cargo"));
    command.args(arguments);
    command
}

fn cargo_at(path: &Path) -> Command {
    let mut command = Command::new(path);
    // What cargo tells this program of its package is no word to that one: the build of ring reads it,
    // and nearly all that stands on ring would be built anew.
    let of_version = ["MAJOR", "MINOR", "PATCH", "PRE"].map(|part| format!("VERSION_{part}"));
    for name in of_version.iter().map(String::as_str).chain(["NAME"]) {
        command.env_remove(format!("CARGO_PKG_{name}"));
    }
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_LINKS");
    command
}

/// Runs a command at the root of the workspace.
fn run(command: &mut Command) -> Result {
    run_at(&root(), command)
}

fn run_at(folder: &Path, command: &mut Command) -> Result {
    let status = command.current_dir(folder).status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}
