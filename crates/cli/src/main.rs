//! From one sign-in to AWS IAM Identity Center to AWS credentials in every tool.

mod args;
mod assignments;
mod commands;
mod env;
mod exit;
mod log;
mod net;
mod prompt;
mod sessions;
mod ui;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Command, CommandLine, CredentialProcess};
use crate::commands::{configure, credential_process, explain, login, logout, profiles, status};
#[cfg(feature = "emulator")]
use crate::commands::{demo, emulator};
use crate::exit::Failure;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    // The path that every SDK call waits for: nothing is built before it, not even clap's tables.
    if let Some(arguments) = CredentialProcess::parse_plain(&arguments) {
        return end(credential_process::run(&arguments), Failure::line);
    }
    let result = match CommandLine::parse().command {
        Command::CredentialProcess(arguments) => {
            return end(credential_process::run(&arguments), Failure::line);
        }
        Command::Configure(arguments) => configure::run(&arguments.what),
        #[cfg(feature = "emulator")]
        Command::Demo(arguments) => demo::run(&arguments),
        #[cfg(feature = "emulator")]
        Command::Emulator(arguments) => emulator::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Login(arguments) => login::run(&arguments),
        Command::Logout(arguments) => logout::run(&arguments),
        Command::Profiles(arguments) => profiles::run(&arguments),
        Command::Status(arguments) => status::run(&arguments),
    };
    end(result, Failure::paragraph)
}

fn end(result: Result<(), Failure>, show: fn(&Failure) -> String) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            ui::say(show(&failure).trim_end());
            ExitCode::from(failure.exit as u8)
        }
    }
}
