//! The emulator as its clients see it.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic is how a test fails, in its support code too"
)]

mod assume_role;
mod authorization_code;
mod browser;
mod client;
mod console;
mod device;
mod faults;
mod in_process;
mod pages;
mod portal;
mod refresh;
mod robustness;
mod server;
mod shortcut;
mod signature;
mod sts;
mod web_identity;
