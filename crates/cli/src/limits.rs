//! What the system refuses is an error with an exit code.

use std::backtrace::{Backtrace, BacktraceStatus};

use crate::ui::say;

/// Lets a write that would make a file too large fail, which ends a program otherwise, and lets
/// memory and threads that are refused end it with a line and an exit code, which aborts otherwise.
/// What this process executes begins anew.
pub(crate) fn are_errors() {
    handle_signals();
    // The libraries below panic where they can have no thread.
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.to_string();
        let words: Vec<_> = text.split_whitespace().collect();
        say(&format!("keyfob: {}", words.join(" ")));
        let trace = Backtrace::capture();
        if trace.status() == BacktraceStatus::Captured {
            say(&trace.to_string());
        }
        std::process::abort();
    }));
}

#[cfg(unix)]
fn handle_signals() {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use signal_hook::consts::{SIGABRT, SIGXFSZ};
    use signal_hook::flag;

    use crate::exit::Exit;

    // Where it does not work, the system does what it always does.
    let _ = flag::register(SIGXFSZ, Arc::default());
    let always = Arc::new(AtomicBool::new(true));
    let _ = flag::register_conditional_shutdown(SIGABRT, Exit::Other as i32, always);
}

/// There are no such signals here.
#[cfg(not(unix))]
fn handle_signals() {}
