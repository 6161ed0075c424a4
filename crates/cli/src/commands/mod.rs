//! One file for each command.

pub(crate) mod accounts;
pub(crate) mod completions;
pub(crate) mod configure;
pub(crate) mod console;
pub(crate) mod credential_process;
#[cfg(feature = "emulator")]
pub(crate) mod demo;
pub(crate) mod doctor;
#[cfg(feature = "emulator")]
pub(crate) mod emulator;
pub(crate) mod exec;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod link;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod man;
pub(crate) mod profiles;
pub(crate) mod prompt;
pub(crate) mod refresh;
pub(crate) mod roles;
pub(crate) mod search;
pub(crate) mod shell_init;
pub(crate) mod status;
pub(crate) mod switch;
pub(crate) mod whoami;
