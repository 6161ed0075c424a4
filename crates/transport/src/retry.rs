use std::sync::Mutex;
use std::time::Duration;

use http::StatusCode;

/// How often and how fast a request is repeated.
///
/// Three attempts, delays that double from 50 ms (1 s after a throttling) up to 20 s with full
/// jitter, `x-amz-retry-after` (milliseconds) and `Retry-After` (seconds or a date) honoured up to
/// 20 s, and a token bucket: a retry costs 5 of 500, 10 after a time-out.
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

impl RetryPolicy {
    /// The wait before attempt `attempt` + 1, where attempt 1 was the first one; `random` lies
    /// between 0 and 1.
    pub(crate) fn delay(
        &self,
        attempt: u32,
        throttled: bool,
        asked: Option<Duration>,
        random: f64,
    ) -> Duration {
        if let Some(asked) = asked {
            return asked.min(self.max_delay);
        }
        let base = Duration::from_millis(if throttled { 1000 } else { 50 });
        let doubled = base.saturating_mul(1_u32.checked_shl(attempt - 1).unwrap_or(u32::MAX));
        doubled.min(self.max_delay).mul_f64(random)
    }
}

/// Whether to wait longer; an error that may be repeated although its status is 400 is a throttling.
pub(crate) fn is_throttling(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 429 | 503)
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
    fn delays_double_and_throttling_waits_longer() {
        let policy = RetryPolicy::default();
        let millis = |attempt, throttled| policy.delay(attempt, throttled, None, 1.0).as_millis();
        assert_eq!([millis(1, false), millis(2, false), millis(3, false)], [50, 100, 200]);
        assert_eq!([millis(1, true), millis(2, true), millis(10, true)], [1000, 2000, 20_000]);
        assert_eq!(policy.delay(1, true, None, 0.0), Duration::ZERO);
    }

    #[test]
    fn the_server_may_ask_for_a_delay_up_to_20_seconds() {
        let policy = RetryPolicy::default();
        let asked = Some(Duration::from_secs(3600));
        assert_eq!(policy.delay(1, true, asked, 0.5), Duration::from_secs(20));
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
