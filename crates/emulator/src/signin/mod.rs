//! The pages on which people sign in.

pub(crate) mod authorize;
mod consent;
pub(crate) mod device;
mod index;
mod page;
mod start;

pub(crate) use self::index::index;
pub(crate) use self::page::style;
pub(crate) use self::start::start;
