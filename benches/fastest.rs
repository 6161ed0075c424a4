use std::time::{Duration, Instant};

/// The fastest of many runs: what is slower was disturbed.
#[expect(clippy::disallowed_methods, reason = "a bench measures")]
pub(crate) fn fastest(mut work: impl FnMut()) -> Duration {
    let begin = Instant::now();
    let mut fastest = Duration::MAX;
    while begin.elapsed() < Duration::from_millis(700) {
        let start = Instant::now();
        work();
        fastest = fastest.min(start.elapsed());
    }
    fastest
}
