use std::time::Duration;

use http::{Request, Response, StatusCode};

use crate::{Operation, ServiceError, retry_after};

/// How a request may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// Only where no connection came about: the request carries something that is spent even where
    /// the server refuses, such as an MFA code.
    Unconnected,
    /// Only where the server cannot have acted on it, that is without a connection or after a 429:
    /// the request carries something that can be used once.
    Unsent,
    /// After any failure that may pass: no answer, and [`ServiceError::is_transient`].
    Transient,
}

/// What a transport needs to know to repeat a request; it travels as an extension of the request.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RetryRule {
    /// How the request may be repeated.
    pub retry: Retry,
    /// Reads a response that is no success, to tell whether its error passes.
    pub decode_error: fn(&Response<Vec<u8>>) -> ServiceError,
}

impl RetryRule {
    /// The rule of an action.
    pub fn of<O: Operation>(operation: &O) -> Self {
        Self { retry: operation.retry(), decode_error: O::decode_error }
    }

    /// The rule of a request whose errors all show in their status.
    pub const fn by_status(retry: Retry) -> Self {
        Self { retry, decode_error: |response| ServiceError::new(response.status(), "", None) }
    }

    /// Whether this response may be followed by another attempt.
    pub fn allows(&self, response: &Response<Vec<u8>>) -> bool {
        let status = response.status();
        match self.retry {
            Retry::Unconnected => false,
            Retry::Unsent => status == StatusCode::TOO_MANY_REQUESTS,
            Retry::Transient => {
                !status.is_success() && (self.decode_error)(response).is_transient()
            }
        }
    }

    /// Whether another attempt may follow where no response came; `unsent` tells that the server
    /// cannot have seen the request.
    pub fn allows_after_loss(&self, unsent: bool) -> bool {
        unsent || self.retry == Retry::Transient
    }
}

/// The attempts at one request as a value, without clock, randomness and network.
///
/// Whoever sends hands the result of each attempt to [`after_response`](Self::after_response) or
/// [`after_loss`](Self::after_loss), and makes another one after the [`Delay`] that comes back.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempts {
    /// How many attempts are made, the first one included: 3.
    pub limit: u32,
    /// The longest delay, also where the server asks for a longer one: 20 s.
    pub max_delay: Duration,
    rule: RetryRule,
    made: u32,
}

/// How long to wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a delay is somebody's wish or a guess")]
pub enum Delay {
    /// As long as the server asks.
    Asked(Duration),
    /// Any time up to this one; a random one keeps programs that failed together apart.
    UpTo(Duration),
}

impl Delay {
    /// Returns the longest time that is meant.
    pub const fn at_most(self) -> Duration {
        match self {
            Self::Asked(delay) | Self::UpTo(delay) => delay,
        }
    }

    /// Returns a random time; `random` lies between 0 and 1.
    pub fn jittered(self, random: f64) -> Duration {
        match self {
            Self::Asked(delay) => delay,
            Self::UpTo(delay) => delay.mul_f64(random),
        }
    }
}

impl Attempts {
    /// Begins the attempts of a request with this rule.
    pub const fn new(rule: RetryRule) -> Self {
        Self { limit: 3, max_delay: Duration::from_secs(20), rule, made: 0 }
    }

    /// Begins the attempts of a request that carries its rule; without one, it is taken for a
    /// request that can be used once.
    pub fn of<B>(request: &Request<B>) -> Self {
        let rule = request.extensions().get().copied();
        Self::new(rule.unwrap_or(RetryRule::by_status(Retry::Unsent)))
    }

    /// Takes the response to an attempt; returns the delay before the next one, `None` where the
    /// response is the last.
    ///
    /// The delay is what `x-amz-retry-after` or `Retry-After` says; else it doubles from 50 ms, and
    /// from 1 s where the service has no time (503 and every error that is told with 4xx).
    pub fn after_response(&mut self, response: &Response<Vec<u8>>) -> Option<Delay> {
        let status = response.status();
        let is_busy = status.is_client_error() || status == StatusCode::SERVICE_UNAVAILABLE;
        let base = Duration::from_millis(if is_busy { 1000 } else { 50 });
        let again = self.rule.allows(response);
        self.next(again, base, retry_after(response.headers()))
    }

    /// Takes an attempt that brought no response; `unsent` tells that the server cannot have seen the
    /// request. The delay doubles from 50 ms.
    pub fn after_loss(&mut self, unsent: bool) -> Option<Delay> {
        self.next(self.rule.allows_after_loss(unsent), Duration::from_millis(50), None)
    }

    fn next(&mut self, again: bool, base: Duration, asked: Option<Duration>) -> Option<Delay> {
        let doubled = base.saturating_mul(1_u32.checked_shl(self.made).unwrap_or(u32::MAX));
        self.made = self.made.saturating_add(1);
        if !again || self.made >= self.limit {
            return None;
        }
        Some(match asked {
            Some(asked) => Delay::Asked(asked.min(self.max_delay)),
            None => Delay::UpTo(doubled.min(self.max_delay)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_spent_is_sent_again_only_where_nothing_was_connected() {
        let response = |status: u16| Response::builder().status(status).body(Vec::new()).unwrap();
        let allowed = |retry| {
            let decode_error =
                |response: &Response<_>| ServiceError::new(response.status(), "Throttling", None);
            let rule = RetryRule { retry, decode_error };
            [429, 503, 400, 200].map(|status| rule.allows(&response(status)))
        };
        assert_eq!(allowed(Retry::Transient), [true, true, true, false]);
        assert_eq!(allowed(Retry::Unsent), [true, false, false, false]);
        assert_eq!(allowed(Retry::Unconnected), [false; 4]);
        let rule = RetryRule::by_status(Retry::Unconnected);
        assert_eq!([true, false].map(|unsent| rule.allows_after_loss(unsent)), [true, false]);
    }

    fn response(status: u16) -> Response<Vec<u8>> {
        Response::builder().status(status).body(Vec::new()).unwrap()
    }

    fn attempts() -> Attempts {
        Attempts::new(RetryRule::by_status(Retry::Transient))
    }

    #[test]
    fn the_third_attempt_is_the_last() {
        let mut attempts = attempts();
        assert!(attempts.after_loss(false).is_some());
        assert!(attempts.after_response(&response(500)).is_some());
        assert_eq!(attempts.after_response(&response(500)), None);
        let mut once = Attempts { limit: 1, ..attempts };
        assert_eq!(once.after_loss(true), None);
    }

    #[test]
    fn delays_double_and_a_busy_service_is_left_alone_for_longer() {
        let delays = |status| {
            let mut attempts = Attempts { limit: u32::MAX, ..attempts() };
            let mut millis = || match attempts.after_response(&response(status)) {
                Some(Delay::UpTo(delay)) => delay.as_millis(),
                other => panic!("{other:?}"),
            };
            let first = [millis(), millis(), millis()];
            (first, (0..100).map(|_| millis()).last().unwrap())
        };
        assert_eq!(delays(500), ([50, 100, 200], 20_000));
        for status in [429, 503] {
            assert_eq!(delays(status), ([1000, 2000, 4000], 20_000));
        }
        assert_eq!(attempts().after_loss(false), Some(Delay::UpTo(Duration::from_millis(50))));
    }

    #[test]
    fn the_server_may_ask_for_a_delay_up_to_20_seconds() {
        for (asked, delay) in [("3", 3), ("3600", 20)] {
            let mut response = response(429);
            response.headers_mut().insert("retry-after", asked.parse().unwrap());
            let after = attempts().after_response(&response).unwrap();
            assert_eq!(after, Delay::Asked(Duration::from_secs(delay)));
            assert_eq!(after.jittered(0.0), after.at_most());
        }
        let guess = Delay::UpTo(Duration::from_secs(2));
        assert_eq!(guess.jittered(0.5), Duration::from_secs(1));
        assert_eq!(guess.at_most(), Duration::from_secs(2));
    }

    #[test]
    fn a_request_without_a_rule_is_repeated_only_where_it_cannot_have_been_seen() {
        let attempts = || Attempts::of(&Request::new(()));
        assert_eq!(attempts().after_response(&response(500)), None);
        assert_eq!(attempts().after_loss(false), None);
        assert!(attempts().after_loss(true).is_some());
    }
}
