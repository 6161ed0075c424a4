use std::sync::Mutex;
use std::time::Duration;

use http::Request;
use wire::Attempts;

/// How often and how fast a request is repeated.
///
/// Three attempts with the delays of [`wire::Attempts`], with full jitter, and a token bucket: a retry
/// costs 5 of 500, 10 after a time-out, and a success gives 1 back.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    attempts: u32,
    max_delay: Duration,
    window: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 3, max_delay: Duration::from_secs(20), window: Duration::from_secs(25) }
    }
}

impl RetryPolicy {
    /// Sets how many attempts are made, the first one included: three unless set.
    #[must_use]
    pub fn with_attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }

    /// Sets the longest wait before an attempt: 20 s unless set.
    #[must_use]
    pub fn with_max_delay(self, max_delay: Duration) -> Self {
        Self { max_delay, ..self }
    }

    /// Sets how long after the first attempt another one may begin. Unless set these are 25 s, so
    /// that a request to a server that does not answer ends within 40 s, and tells which.
    #[must_use]
    pub fn with_window(self, window: Duration) -> Self {
        Self { window, ..self }
    }

    /// The attempts at a request.
    pub(crate) fn attempts<B>(&self, request: &Request<B>) -> Attempts {
        let mut attempts = Attempts::of(request);
        (attempts.limit, attempts.max_delay) = (self.attempts, self.max_delay);
        attempts
    }

    /// Whether another attempt may begin so long after the first one.
    pub(crate) fn allows_at(&self, since_first: Duration) -> bool {
        since_first < self.window
    }
}

/// Keeps a program from making an outage worse: when many calls fail, retries run out.
#[derive(Debug)]
pub(crate) struct TokenBucket(Mutex<u32>);

impl TokenBucket {
    const CAPACITY: u32 = 500;

    pub(crate) fn full() -> Self {
        Self(Mutex::new(Self::CAPACITY))
    }

    /// Takes the tokens of a retry; tells whether there were enough.
    pub(crate) fn take(&self, after_timeout: bool) -> bool {
        let cost = if after_timeout { 10 } else { 5 };
        self.change(|tokens| match tokens.checked_sub(cost) {
            Some(rest) => (rest, true),
            None => (tokens, false),
        })
    }

    /// Gives one token back for a success.
    pub(crate) fn give_back(&self) {
        self.change(|tokens| ((tokens + 1).min(Self::CAPACITY), ()));
    }

    fn change<T>(&self, change: impl FnOnce(u32) -> (u32, T)) -> T {
        let mut tokens = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (new, result) = change(*tokens);
        *tokens = new;
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_begin_within_the_window() {
        let policy = RetryPolicy::default().with_window(Duration::from_secs(1));
        let allows = |millis| policy.allows_at(Duration::from_millis(millis));
        assert_eq!([allows(0), allows(999), allows(1000)], [true, true, false]);
    }

    #[test]
    fn retries_run_out() {
        let bucket = TokenBucket::full();
        assert_eq!((0..1000).filter(|_| bucket.take(false)).count(), 100);
        assert!(!bucket.take(true));
        (0..5).for_each(|_| bucket.give_back());
        assert!(bucket.take(false));
    }
}
