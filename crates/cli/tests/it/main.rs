//! The binary, run as its users run it, against the emulator on loopback.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic is how a test fails, and files of its own are no shared files"
)]

mod changes;
mod clock;
mod configure;
mod credential_process;
mod explain;
mod faults;
mod labels;
mod leaks;
mod listing;
mod logout_status;
mod schema;
mod storm;
mod support;
mod tables;
#[cfg(unix)]
mod unix;
mod version;
#[cfg(windows)]
mod windows;
mod wrong_input;
