use std::sync::Mutex;
use std::time::Duration;

/// How often and how fast a request is repeated.
///
/// Three attempts with the delays of [`wire::Attempts`], with full jitter, and a token bucket: a retry
/// costs 5 of 500, 10 after a time-out.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a policy is built by literal")]
pub struct RetryPolicy {
    /// How many attempts are made, the first one included.
    pub attempts: u32,
    /// The longest wait.
    pub max_delay: Duration,
    /// No attempt begins later than this after the first one, so that a request to a server that
    /// does not answer ends within 40 s, and tells which.
    pub window: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 3, max_delay: Duration::from_secs(20), window: Duration::from_secs(25) }
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
    fn retries_run_out() {
        let bucket = TokenBucket::full();
        assert_eq!((0..1000).filter(|_| bucket.take(false)).count(), 100);
        assert!(!bucket.take(true));
        (0..5).for_each(|_| bucket.give_back());
        assert!(bucket.take(false));
    }
}
