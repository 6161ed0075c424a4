use std::time::Duration;

use wire::{CallError, Timestamp};

use crate::{ErrorKind, Token};

/// The interval where the service names none, as in RFC 8628.
pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);

/// The polling of a device code as a value, without clock and network.
///
/// [`run`](Self::run) is the loop of a program that blocks. The loop of any other does the same three
/// things over and over:
///
/// 1. Ask [`step`](Self::step).
/// 2. Do exactly what it says: give up, wait until the instant, or send CreateToken.
/// 3. After sending, hand the answer to [`on_result`](Self::on_result) once; what that returns is
///    the end, `None` means to go on.
///
/// The first attempt is made at once, because a client may have been authorized before; the second
/// one only after the interval, because the service answers `slow_down` otherwise. Failures that
/// may pass do not end it.
#[derive(Clone, Debug)]
pub struct DevicePoll {
    interval: Duration,
    next_at: Timestamp,
    expires_at: Timestamp,
}

/// What the loop does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The code has expired: give up.
    Expired,
    /// Send CreateToken.
    Send,
    /// Wait until this instant.
    Wait(Timestamp),
}

impl DevicePoll {
    /// Starts the polling of a code that was issued at `now`. The interval is held between one
    /// second and one minute.
    pub fn new(now: Timestamp, expires_in: Duration, interval: Option<Duration>) -> Self {
        let interval = interval.filter(|interval| !interval.is_zero()).unwrap_or(DEFAULT_INTERVAL);
        let interval = interval.clamp(Duration::from_secs(1), Duration::from_secs(60));
        // One interval more than the code lives lets the service say itself that it has expired.
        Self { interval, next_at: now, expires_at: now + expires_in + interval }
    }

    /// Says what to do at `now`.
    pub fn step(&self, now: Timestamp) -> Step {
        if now >= self.expires_at {
            Step::Expired
        } else if now >= self.next_at {
            Step::Send
        } else {
            Step::Wait(self.next_at.min(self.expires_at))
        }
    }

    /// Polls to the end: `attempt` sends CreateToken, `wait` waits between two attempts, and `now` is
    /// the clock. Returns `None` where nobody confirmed the code in time.
    ///
    /// # Errors
    /// Fails where the person declined, and where an attempt fails for good.
    pub fn run(
        mut self,
        now: impl Fn() -> Timestamp,
        mut wait: impl FnMut(Duration),
        mut attempt: impl FnMut() -> Result<Token, CallError>,
    ) -> Result<Option<Token>, CallError> {
        loop {
            match self.step(now()) {
                Step::Expired => return Ok(None),
                Step::Wait(until) => wait(now().until(until)),
                Step::Send => {
                    let result = attempt();
                    if let Some(end) = self.on_result(now(), result) {
                        return end.map(Some);
                    }
                }
            }
        }
    }

    /// Takes the answer to one attempt; returns the end of the polling, or `None` to go on.
    pub fn on_result(
        &mut self,
        now: Timestamp,
        result: Result<Token, CallError>,
    ) -> Option<Result<Token, CallError>> {
        let error = match result {
            Ok(token) => return Some(Ok(token)),
            Err(error) => error,
        };
        match ErrorKind::of_call(&error) {
            Some(ErrorKind::AuthorizationPending) => {}
            Some(ErrorKind::SlowDown) => self.interval += Duration::from_secs(5),
            _ if error.is_transient() => {}
            _ => return Some(Err(error)),
        }
        self.next_at = now + self.interval;
        None
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::CreateToken;
    use wire::{DecodeError, Operation, ServiceError, TransportError};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    fn service(code: &str, status: u16) -> Result<Token, CallError> {
        let status = http::StatusCode::from_u16(status).unwrap();
        Err(CallError::Decode(DecodeError::Service(Box::new(ServiceError::new(
            status, code, None,
        )))))
    }

    fn poll() -> DevicePoll {
        DevicePoll::new(at(0), Duration::from_secs(60), None)
    }

    #[test]
    fn the_first_attempt_is_made_at_once_and_the_second_after_the_interval() {
        let mut poll = poll();
        assert_eq!(poll.step(at(0)), Step::Send);
        assert!(poll.on_result(at(1), service("AuthorizationPendingException", 400)).is_none());
        assert_eq!(poll.step(at(1)), Step::Wait(at(6)));
        assert_eq!(poll.step(at(6)), Step::Send);
    }

    #[test]
    fn slow_down_adds_five_seconds_for_good() {
        let mut poll = poll();
        assert!(poll.on_result(at(0), service("slow_down", 400)).is_none());
        assert_eq!(poll.step(at(0)), Step::Wait(at(10)));
        assert!(poll.on_result(at(10), service("authorization_pending", 400)).is_none());
        assert_eq!(poll.step(at(10)), Step::Wait(at(20)));
    }

    #[test]
    fn failures_that_may_pass_do_not_end_it() {
        let mut poll = poll();
        assert!(poll.on_result(at(0), service("InternalServerException", 500)).is_none());
        let lost = TransportError::new("h", false, "connection reset");
        assert!(poll.on_result(at(5), Err(CallError::Transport(lost))).is_none());
    }

    #[test]
    fn a_denial_ends_it() {
        let end = poll().on_result(at(0), service("AccessDeniedException", 400));
        assert!(matches!(end, Some(Err(_))));
    }

    #[test]
    fn it_ends_by_itself_one_interval_after_the_code() {
        let mut poll = poll();
        assert_eq!(poll.step(at(64)), Step::Send);
        assert!(poll.on_result(at(64), service("authorization_pending", 400)).is_none());
        assert_eq!(poll.step(at(64)), Step::Wait(at(65)));
        assert_eq!(poll.step(at(65)), Step::Expired);
    }

    /// Runs the polling over these answers, each of which takes a second, then over pending ones.
    fn run(answers: Vec<Result<Token, CallError>>) -> (Result<Option<Token>, CallError>, Vec<u64>) {
        let (clock, mut waits) = (Cell::new(at(0)), Vec::new());
        let mut answers = answers.into_iter();
        let wait = |span: Duration| {
            waits.push(span.as_secs());
            clock.set(clock.get() + span);
        };
        let attempt = || {
            clock.set(clock.get() + Duration::from_secs(1));
            answers.next().unwrap_or_else(|| service("authorization_pending", 400))
        };
        (poll().run(|| clock.get(), wait, attempt), waits)
    }

    #[test]
    fn a_run_waits_the_interval_after_each_answer_until_there_is_a_token() {
        let body = br#"{"accessToken":"at","expiresIn":3600}"#;
        let token = CreateToken::decode(&http::Response::new(body.to_vec())).unwrap();
        let answers =
            vec![service("authorization_pending", 400), service("slow_down", 400), Ok(token)];
        let (end, waits) = run(answers);
        assert!(end.unwrap().is_some());
        assert_eq!(waits, [5, 10]);
    }

    #[test]
    fn a_run_ends_with_a_denial_or_with_the_code() {
        let (end, waits) = run(vec![service("access_denied", 400)]);
        assert!(end.is_err() && waits.is_empty());
        let (end, waits) = run(Vec::new());
        assert!(end.unwrap().is_none());
        assert_eq!(waits.len(), 11, "one attempt every six seconds, until 65 s have passed");
    }

    #[test]
    fn odd_intervals_are_held_in_bounds() {
        for (interval, wait) in [(0, 5), (1, 1), (3600, 60)] {
            let mut poll = DevicePoll::new(
                at(0),
                Duration::from_secs(600),
                Some(Duration::from_secs(interval)),
            );
            assert!(poll.on_result(at(0), service("authorization_pending", 400)).is_none());
            assert_eq!(poll.step(at(0)), Step::Wait(at(wait)));
        }
    }
}
