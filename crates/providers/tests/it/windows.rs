//! When [`Cached`] asks its provider, and what callers get where that fails.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use providers::{Cached, Clock, Credentials, CredentialsFuture, Error, ProvideCredentials, Work};
use test_support::{Alter, Altered, START, TestClock};
use wire::{EndpointError, Timestamp};

use crate::support::block_on;

const HOUR: u64 = 60;

/// A provider whose credentials live for an hour, and which fails as it is told.
#[derive(Clone)]
struct Hourly {
    clock: Arc<TestClock>,
    asked: Arc<Mutex<usize>>,
    failure: Arc<Mutex<Option<Error>>>,
}

impl ProvideCredentials for Hourly {
    fn provide(&self) -> CredentialsFuture<'_> {
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        let answer = match &*self.failure.lock().unwrap() {
            Some(error) => Err(error.clone()),
            None => Ok(credentials(&format!("A{asked}"), self.clock.now(), HOUR)),
        };
        Box::pin(std::future::ready(answer))
    }

    fn name(&self) -> &'static str {
        "hourly"
    }
}

fn credentials(id: &str, now: Timestamp, life: u64) -> Credentials {
    let end = now + minutes(life);
    Credentials::new(id.into(), "S".into(), Some("T".into()), Some(end), None)
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

/// What no second attempt mends.
const FINAL: Error = Error::Endpoint(EndpointError::MissingRegion);

/// What a second attempt may mend.
const PASSING: Error = Error::Abandoned;

impl Hourly {
    fn new() -> Self {
        let start = Timestamp::from_unix(i64::try_from(START).unwrap());
        Self { clock: TestClock::at(start), asked: Arc::default(), failure: Arc::default() }
    }

    fn cached(&self) -> Cached<Self> {
        Cached::new(self.clone(), self.clock.clone())
    }

    fn fail(&self, error: Error) {
        *self.failure.lock().unwrap() = Some(error);
    }

    fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }
}

type Make = fn(&Hourly) -> Cached<Hourly>;

/// The minutes after which the provider is asked again.
fn asked_again_after(hourly: &Hourly, cached: &Cached<Hourly>) -> u64 {
    block_on(cached.provide()).unwrap();
    let before = hourly.asked();
    (1..)
        .find(|_| {
            hourly.clock.advance(minutes(1));
            block_on(cached.provide()).unwrap();
            hourly.asked() > before
        })
        .unwrap()
}

#[test]
fn the_window_fits_the_life_and_may_be_another_one() {
    let hourly = Hourly::new();
    assert_eq!(asked_again_after(&hourly, &hourly.cached()), 45);
    let early = hourly.cached().with_advisory_window(minutes(20));
    assert_eq!(asked_again_after(&hourly, &early), 40);
    let half = hourly.cached().with_jitter(0.5).with_advisory_window(minutes(20));
    assert_eq!(asked_again_after(&hourly, &half), 50);
    for (life, after) in [(20, 15), (21, 6), (89, 74), (90, 30)] {
        let given = credentials("A", hourly.clock.now(), life);
        let cached = hourly.cached().with_credentials(given);
        assert_eq!(asked_again_after(&hourly, &cached), after, "{life}");
    }
}

#[test]
fn a_provider_that_failed_is_left_alone_while_the_credentials_live() {
    let cases: [(Make, u64); 2] =
        [(Hourly::cached, 7), (|hourly| hourly.cached().with_backoff(minutes(2)), 2)];
    for (cached, minutes_left_alone) in cases {
        let hourly = Hourly::new();
        let cached = cached(&hourly);
        let first = block_on(cached.provide()).unwrap();
        hourly.fail(PASSING);
        hourly.clock.advance(minutes(46));
        assert_eq!(block_on(cached.provide()).unwrap(), first);
        assert_eq!(hourly.asked(), 2);
        assert_eq!(asked_again_after(&hourly, &cached), minutes_left_alone);
        cached.invalidate();
        assert_eq!(block_on(cached.provide()).unwrap(), first);
        assert_eq!(hourly.asked(), 4, "what is invalid is asked for at once");
    }
}

#[test]
fn a_refusal_counts_once_new_credentials_are_needed() {
    let cases: [(Make, u64); 2] =
        [(Hourly::cached, 58), (|hourly| hourly.cached().with_expiry_window(minutes(10)), 49)];
    for (cached, served_until) in cases {
        let hourly = Hourly::new();
        let cached = cached(&hourly).with_backoff(minutes(0));
        block_on(cached.provide()).unwrap();
        hourly.fail(FINAL);
        hourly.clock.advance(minutes(served_until));
        assert!(block_on(cached.provide()).is_ok());
        hourly.clock.advance(minutes(1));
        assert!(matches!(block_on(cached.provide()), Err(Error::Endpoint(_))));
        hourly.fail(PASSING);
        assert!(block_on(cached.provide()).is_ok(), "they live, and the provider may come back");
        hourly.clock.advance(minutes(60));
        assert!(matches!(block_on(cached.provide()), Err(Error::Abandoned)));
    }
}

#[test]
fn a_refusal_leaves_the_provider_alone_until_new_credentials_are_needed() {
    for (after, failure, is_served, asked) in [
        (46, FINAL, true, 2),
        (46, PASSING, true, 2),
        (59, FINAL, false, 3),
        (59, PASSING, true, 2),
    ] {
        let hourly = Hourly::new();
        let cached = hourly.cached();
        block_on(cached.provide()).unwrap();
        hourly.fail(failure.clone());
        hourly.clock.advance(minutes(after));
        for _ in 0..2 {
            assert_eq!(block_on(cached.provide()).is_ok(), is_served, "{after} {failure}");
        }
        assert_eq!(hourly.asked(), asked, "{after} {failure}");
    }
}

#[test]
fn credentials_that_have_expired_already_are_an_error() {
    let hourly = Hourly::new();
    let ahead = TestClock::at(hourly.clock.now() + minutes(HOUR));
    let cached = Cached::new(hourly, ahead);
    let error = block_on(cached.provide()).unwrap_err();
    assert_eq!(cached.name(), "hourly");
    assert!(matches!(error, Error::Expired { provider: "hourly", .. }), "{error}");
}

/// A clock whose work is never done.
struct Parked(Arc<TestClock>, Mutex<Vec<Work>>);

impl Alter for Parked {
    fn right(&self) -> &dyn Clock {
        &*self.0
    }

    fn spawn(&self, work: Work) {
        self.1.lock().unwrap().push(work);
    }
}

#[test]
fn one_caller_waits_a_moment_for_new_credentials_and_the_others_do_not() {
    let hourly = Hourly::new();
    let given = credentials("A", hourly.clock.now(), 10);
    let parked = Arc::new(Altered(Parked(hourly.clock.clone(), Mutex::default())));
    let cached = Cached::new(hourly.clone(), parked).with_credentials(given.clone());
    hourly.clock.advance(minutes(6));
    for waited in [500, 0] {
        let before = hourly.clock.elapsed();
        assert_eq!(block_on(cached.provide()).unwrap(), given);
        assert_eq!((hourly.clock.elapsed() - before).as_millis(), waited);
    }
}
