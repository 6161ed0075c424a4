//! The polling of a device code, by the clock of its user.

use std::time::Duration;

use http::StatusCode;
use oidc_proto::{DEFAULT_INTERVAL, DevicePoll, Step, Token};
use wire::{CallError, DecodeError, ServiceError, Timestamp};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn refused(code: &str) -> Result<Token, CallError> {
    let error = ServiceError::new(StatusCode::BAD_REQUEST, code, None);
    Err(DecodeError::Service(Box::new(error)).into())
}

#[test]
fn it_waits_as_long_as_the_service_asks_and_no_longer_than_the_code_lives() {
    let interval = Some(Duration::from_secs(7));
    let mut poll = DevicePoll::new(at(100), Duration::from_secs(20), interval);
    assert_eq!(poll.step(at(99)), Step::Wait(at(100)));
    let mut sent = Vec::new();
    let mut now = at(100);
    loop {
        match poll.step(now) {
            Step::Send => {
                sent.push(now.unix());
                assert!(poll.on_result(now, refused("AuthorizationPendingException")).is_none());
            }
            Step::Wait(until) => now = until,
            _ => break,
        }
    }
    assert_eq!(sent, [100, 107, 114, 121]);
    assert_eq!(now, at(127), "one interval after the end of the code");
}

#[test]
fn an_interval_of_none_is_the_one_of_the_rfc() {
    for interval in [None, Some(Duration::ZERO)] {
        let mut poll = DevicePoll::new(at(0), Duration::from_secs(60), interval);
        assert!(poll.on_result(at(0), refused("authorization_pending")).is_none());
        assert_eq!(poll.step(at(0)), Step::Wait(at(0) + DEFAULT_INTERVAL));
    }
}

#[test]
fn throttling_is_no_end_and_everything_that_stays_is() {
    let mut poll = DevicePoll::new(at(0), Duration::from_secs(60), None);
    assert!(poll.on_result(at(0), refused("TooManyRequestsException")).is_none());
    for code in ["ExpiredTokenException", "InvalidGrantException", "access_denied", "teapot"] {
        let end = poll.on_result(at(5), refused(code));
        assert!(matches!(end, Some(Err(error)) if error.service().unwrap().is(code)));
    }
}
