//! Tokens and roles against the emulator in this process, with a clock that only moves when
//! somebody waits.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a panic is how a test fails, and files of its own are no shared files"
)]

mod cached;
mod chain;
mod container;
mod context;
mod dropped;
mod kept;
mod meddling;
mod patience;
#[cfg(unix)] // they run shell commands
mod process;
mod refresh;
mod regions;
mod resolve;
mod sessions;
mod support;
mod windows;
