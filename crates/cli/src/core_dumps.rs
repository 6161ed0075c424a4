//! A crash must not leave secrets in a file; the command of `exec` may leave what it likes.

/// Switches core dumps off for this process: also those that go to a program, which no limit of
/// their size keeps from being made. What this process executes begins anew.
#[cfg(target_os = "linux")]
pub(crate) fn switch_off() {
    // A system that refuses has its reasons.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Starts a process that may dump what the person allowed it to.
#[cfg(any(target_os = "linux", not(unix)))]
pub(crate) fn allowed<T>(start: impl FnOnce() -> T) -> T {
    start()
}

/// Switches core dumps off for this process.
#[cfg(not(unix))]
pub(crate) fn switch_off() {}

#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) use limit::{allowed, switch_off};

/// Where nothing but the limit of their size is asked.
#[cfg(all(unix, not(target_os = "linux")))]
mod limit {
    use std::sync::OnceLock;

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// The limit that the process began with.
    static BEFORE: OnceLock<Rlimit> = OnceLock::new();

    /// Switches core dumps off for this process.
    pub(crate) fn switch_off() {
        let before = BEFORE.get_or_init(|| getrlimit(Resource::Core));
        // A system that refuses has its reasons.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: before.maximum });
    }

    /// Starts a process that may dump what the person allowed it to.
    pub(crate) fn allowed<T>(start: impl FnOnce() -> T) -> T {
        if let Some(before) = BEFORE.get() {
            let _ = setrlimit(Resource::Core, *before);
        }
        let started = start();
        switch_off();
        started
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn no_handler_gets_a_dump_of_this_process() {
        use rustix::process::{DumpableBehavior, dumpable_behavior};
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::Dumpable);
        super::switch_off();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }
}
