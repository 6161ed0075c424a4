//! The binary, run as its users run it, against the emulator on loopback.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic is how a test fails, and files of its own are no shared files"
)]
#![cfg(unix)] // they send signals, run shell scripts and look at file modes

mod as_found;
mod beside;
mod changes;
mod clock;
mod cold;
mod completions;
mod configure;
mod configure_sso;
mod console;
mod credential_process;
mod demo;
mod doctor;
mod documents;
mod echo;
mod everywhere;
mod exec_server;
mod exhausted;
mod explain;
mod export;
mod fan_out;
mod fan_out_end;
mod far;
mod faults;
mod files;
mod labels;
mod leaks;
mod listing;
mod login;
mod logout_status;
mod man;
mod migrate;
mod nested;
mod person;
mod pick;
mod populate;
mod reliability;
mod roles;
mod schema;
mod server;
mod session_commands;
mod settings;
mod shell;
mod sign_out;
mod storm;
mod support;
mod sync;
mod tables;
mod terminal;
mod wrong_input;
