#![doc = include_str!("../README.md")]

#[cfg(windows)]
mod access;
mod file;
mod in_place;
mod lock;
mod owner;
#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod place;
mod replacement;

pub use file::{PrivateFile, read};
pub use lock::{Lock, Locking};
pub use owner::{Refusal, is_open_to_others, refusal, stranger};
pub use replacement::{Replacement, Written};
