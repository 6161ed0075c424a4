//! The pages on which people sign in, to a program or to the console.

pub(crate) mod authorize;
mod consent;
mod console;
pub(crate) mod device;
pub(crate) mod federation;
mod index;
pub(crate) mod page;
mod start;

pub(crate) use self::console::console;
pub(crate) use self::index::index;
pub(crate) use self::page::{icon, portal_script, style};
pub(crate) use self::start::{start, start_console};
