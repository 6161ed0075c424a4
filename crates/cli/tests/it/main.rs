//! The binary, run as its users run it, against the emulator on loopback.

#![cfg(unix)] // they send signals, run shell scripts and look at file modes

mod credential_process;
mod demo;
mod login;
mod logout_status;
mod support;
mod wrong_input;
