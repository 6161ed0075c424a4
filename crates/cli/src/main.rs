//! From one sign-in to AWS IAM Identity Center to AWS credentials in every tool.

mod args;
mod child;
mod child_config;
mod color;
mod commands;
mod complete;
mod config_edit;
mod core_dumps;
mod credential_server;
mod credentials;
mod entry;
mod env;
mod exit;
mod fan_out;
#[cfg(test)]
mod hints;
mod history;
mod labels;
#[cfg(windows)]
mod leash;
mod limits;
mod listing;
mod log;
mod mfa;
mod nearest;
mod net;
mod network_hint;
mod oddities;
mod owners;
mod paste;
mod pick;
mod profile_row;
mod prompt;
mod qr;
mod regions;
mod rows;
mod sessions;
mod sign_in;
mod table;
mod target;
mod ui;
mod variables;
mod version;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Command, CommandLine, color_of, parse_plain};
use crate::commands::{
    accounts, completions, configure, console, credential_process, doctor, exec, explain, export,
    link, login, logout, man, profiles, prompt as prompt_segment, refresh, roles, search,
    shell_init, status, switch, whoami,
};
#[cfg(feature = "emulator")]
use crate::commands::{demo, emulator};
use crate::exit::Failure;

fn main() -> ExitCode {
    core_dumps::switch_off();
    limits::are_errors();
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    // The path that every SDK call waits for: nothing is built before it, not even clap's tables.
    if let Some(arguments) = parse_plain(&arguments) {
        return end(credential_process::run(arguments), Failure::line);
    }
    if let Some(code) = complete::answer(&arguments) {
        return code;
    }
    color_of(&arguments);
    let CommandLine { everywhere, command, .. } = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) if version::is_asked(&error, &arguments) => {
            return end(version::tell(), Failure::paragraph);
        }
        Err(error) => error.exit(),
    };
    everywhere.count();
    let is_silent = |command: &Command| {
        use Command::{Completions, CredentialProcess, Doctor, Man};
        matches!(command, Completions(_) | CredentialProcess(_) | Doctor(_) | Man(_))
    };
    if !is_silent(&command) {
        owners::tell();
    }
    let result = match command {
        Command::CredentialProcess(arguments) => {
            return end(credential_process::run(arguments), Failure::line);
        }
        Command::Accounts(arguments) => accounts::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Configure(arguments) => configure::run(&arguments.what),
        Command::Console(arguments) => console::run(&arguments),
        #[cfg(feature = "emulator")]
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        #[cfg(feature = "emulator")]
        Command::Emulator(arguments) => emulator::run(&arguments),
        Command::Exec(arguments) => return end_with(exec::run(arguments)),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Link(arguments) => link::run(&arguments),
        Command::Login(arguments) => login::run(&arguments),
        Command::Logout(arguments) => logout::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
        Command::Profiles(arguments) => profiles::run(&arguments),
        Command::Prompt(arguments) => prompt_segment::run(&arguments),
        Command::Refresh(arguments) => refresh::run(&arguments),
        Command::Roles(arguments) => roles::run(&arguments),
        Command::Search(arguments) => search::run(&arguments),
        Command::ShellInit(arguments) => shell_init::run(&arguments),
        Command::Status(arguments) => return end_with(status::run(&arguments)),
        Command::Switch(arguments) => switch::run(&arguments),
        Command::Whoami(arguments) => whoami::run(&arguments),
    };
    end(result, Failure::paragraph)
}

/// Ends with the code of a command that has one of its own, be it that of the program it ran.
fn end_with(result: Result<u8, Failure>) -> ExitCode {
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => end(Err(failure), Failure::paragraph),
    }
}

fn end(result: Result<(), Failure>, show: fn(&Failure) -> String) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let failure = nearest::told(failure);
            ui::say(show(&failure).trim_end());
            ExitCode::from(failure.exit as u8)
        }
    }
}
