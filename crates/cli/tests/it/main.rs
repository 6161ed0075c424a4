//! The binary, run as its users run it, against the emulator on loopback.
//!
//! What sends signals, runs shell scripts, looks at modes or needs a terminal is for Unix alone.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic is how a test fails, and files of its own are no shared files"
)]

#[cfg(unix)]
mod as_found;
#[cfg(unix)]
mod beside;
mod changes;
mod clock;
#[cfg(unix)]
mod cold;
#[cfg(unix)]
mod completions;
mod configure;
#[cfg(unix)]
mod configure_sso;
#[cfg(unix)]
mod console;
mod credential_process;
#[cfg(unix)]
mod demo;
#[cfg(unix)]
mod doctor;
#[cfg(unix)]
mod documents;
#[cfg(unix)]
mod echo;
#[cfg(unix)]
mod everywhere;
#[cfg(unix)]
mod exec_server;
#[cfg(unix)]
mod exhausted;
mod explain;
#[cfg(unix)]
mod export;
#[cfg(unix)]
mod fan_out;
#[cfg(unix)]
mod fan_out_end;
#[cfg(unix)]
mod far;
mod faults;
#[cfg(unix)]
mod files;
mod labels;
mod leaks;
mod listing;
#[cfg(unix)]
mod login;
mod logout_status;
#[cfg(unix)]
mod man;
#[cfg(unix)]
mod migrate;
#[cfg(unix)]
mod nested;
#[cfg(unix)]
mod person;
#[cfg(unix)]
mod pick;
#[cfg(unix)]
mod populate;
#[cfg(unix)]
mod reliability;
#[cfg(unix)]
mod roles;
mod schema;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod session_commands;
#[cfg(unix)]
mod settings;
#[cfg(unix)]
mod shell;
#[cfg(unix)]
mod sign_out;
mod storm;
mod support;
#[cfg(unix)]
mod sync;
mod tables;
#[cfg(unix)]
mod terminal;
mod version;
#[cfg(windows)]
mod windows;
mod wrong_input;
