//! A crash must not leave secrets in a file; the command of `exec` may leave what it likes.

#[cfg(unix)]
use std::sync::OnceLock;

#[cfg(unix)]
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The limit that the process began with.
#[cfg(unix)]
static BEFORE: OnceLock<Rlimit> = OnceLock::new();

/// Switches core dumps off for this process.
#[cfg(unix)]
pub(crate) fn switch_off() {
    let before = BEFORE.get_or_init(|| getrlimit(Resource::Core));
    // A system that refuses has its reasons.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: before.maximum });
}

/// Starts a process that may dump what the person allowed it to.
#[cfg(unix)]
pub(crate) fn allowed<T>(start: impl FnOnce() -> T) -> T {
    if let Some(before) = BEFORE.get() {
        let _ = setrlimit(Resource::Core, *before);
    }
    let started = start();
    switch_off();
    started
}

/// Switches core dumps off for this process.
#[cfg(not(unix))]
pub(crate) fn switch_off() {}

/// Starts a process that may dump what the person allowed it to.
#[cfg(not(unix))]
pub(crate) fn allowed<T>(start: impl FnOnce() -> T) -> T {
    start()
}
