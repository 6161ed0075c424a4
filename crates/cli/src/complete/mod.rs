//! What a shell asks while a person types a command line. The answers come from files that are there:
//! nothing is asked of a server, nothing is written, no lock is waited for, and no error is told, for it
//! would stand in the middle of what is typed.

mod bash;
mod line;
mod nushell;
mod values;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::CompleteEnv;
use clap_complete::engine::ArgValueCandidates;
use clap_complete::env::{Elvish, Fish, Powershell, Shells, Zsh};

use crate::args::CommandLine;
use crate::env::World;
use crate::exit::Exit;
use line::Line;

pub(crate) use nushell::SCRIPT as NUSHELL_SCRIPT;
pub(crate) use values::{
    Values, account_ids, console_services, profiles, program, regions, role_names, sso_regions,
    sso_sessions, sso_sessions_and_profiles,
};

/// The variable by which a shell says that it asks, and which shell it is.
const VARIABLE: &str = "COMPLETE";

const SHELLS: Shells<'static> =
    Shells(&[&bash::Bash, &Elvish, &Fish, &nushell::Nushell, &Powershell, &Zsh]);

/// Answers a shell, where it is one that asks: for its script, without arguments, or how a line goes on,
/// as `keyfob -- keyfob exec`. Whatever else has the variable means something else by it.
pub(crate) fn answer(arguments: &[OsString]) -> Option<ExitCode> {
    let asks = arguments.first().is_none_or(|mark| mark == "--");
    let environment = World::capture_environment();
    environment.get_os(VARIABLE).filter(|shell| asks && !shell.is_empty())?;
    let directory = std::env::current_dir().ok();
    let engine = CompleteEnv::with_factory(CommandLine::command).var(VARIABLE).shells(SHELLS);
    match engine.try_complete(std::env::args_os(), directory.as_deref()) {
        Ok(true) => Some(ExitCode::SUCCESS),
        Ok(false) => None,
        Err(error) => {
            // A start file is told what is wrong with it, a person in the middle of a line is not.
            if arguments.is_empty() {
                let _ = error.print(); // nothing can be told to who has closed stderr
            }
            Some(ExitCode::from(Exit::Usage as u8))
        }
    }
}

/// Lets the engine complete the value of an option by these.
pub(crate) fn by(values: Values) -> ArgValueCandidates {
    ArgValueCandidates::new(values)
}
