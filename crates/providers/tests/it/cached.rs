use std::sync::Arc;
use std::time::Duration;

use emulator::{InProcess, Scenario};
use providers::{Cached, Clock, ProvideCredentials, Sleep, SsoRole, Work};
use wire::Timestamp;

use crate::support::{World, block_on};

#[test]
fn credentials_are_kept_until_the_window_before_their_end() {
    let world = World::new();
    let role = SsoRole::new(world.token(), crate::support::ROLE);
    let cached = Cached::new(role, Arc::clone(world.context.clock()))
        .with_advisory_window(Duration::from_secs(300));
    let first = block_on(cached.provide()).unwrap();
    world.emulator.advance(Duration::from_secs(3600 - 301));
    assert_eq!(block_on(cached.provide()).unwrap(), first);
    world.emulator.advance(Duration::from_secs(2));
    assert_ne!(block_on(cached.provide()).unwrap(), first);
    cached.invalidate();
    block_on(cached.provide()).unwrap();
    assert_eq!(world.calls("GetRoleCredentials"), 3);
}

#[test]
fn what_has_expired_is_not_returned_where_the_provider_fails() {
    let world = World::new();
    let role = SsoRole::new(world.token(), crate::support::ROLE);
    let cached = Cached::new(role, Arc::clone(world.context.clock()));
    block_on(cached.provide()).unwrap();
    world.token_file().remove().unwrap();
    world.emulator.advance(Duration::from_secs(3601));
    assert!(block_on(cached.provide()).is_err());
}

/// The time of the emulator; whoever sleeps lets the others run.
struct Stepping(InProcess);

impl Clock for Stepping {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn machine_time(&self) -> Duration {
        wire::SystemTimes.machine_time()
    }

    fn sleep(&self, span: Duration) -> Sleep<'_> {
        self.0.advance(span);
        Box::pin(futures_lite::future::yield_now())
    }

    fn spawn(&self, work: Work) {
        block_on(work);
    }
}

/// Lets a time come.
fn keep_fresh(world: &World, cached: &Cached<SsoRole>, until: Timestamp) {
    let reached = async {
        while world.emulator.now() < until {
            futures_lite::future::yield_now().await;
        }
    };
    futures_lite::future::block_on(futures_lite::future::or(cached.keep_fresh(), reached));
}

#[test]
fn credentials_of_a_short_life_are_not_renewed_in_its_first_half() {
    let mut scenario = Scenario::default();
    scenario.lifetimes.role_credentials = Duration::from_secs(15 * 60);
    let world = World::with(scenario);
    let role = SsoRole::new(world.token(), crate::support::ROLE);
    let cached = Cached::new(role, Arc::new(Stepping(world.emulator.clone())));
    let end = block_on(cached.provide()).unwrap().expiration.unwrap();
    keep_fresh(&world, &cached, end - Duration::from_secs(8 * 60));
    assert_eq!(world.calls("GetRoleCredentials"), 1);
    keep_fresh(&world, &cached, end - Duration::from_secs(7 * 60));
    assert_eq!(world.calls("GetRoleCredentials"), 2);
}

#[test]
fn credentials_that_are_wanted_are_renewed_before_an_sdk_asks_for_that() {
    let world = World::new();
    let role = SsoRole::new(world.token(), crate::support::ROLE);
    let cached = Cached::new(role, Arc::new(Stepping(world.emulator.clone())));
    let first = block_on(cached.provide()).unwrap();
    let left = |minutes: u64| first.expiration.unwrap() - Duration::from_secs(60 * minutes);
    keep_fresh(&world, &cached, left(21));
    assert_eq!(world.calls("GetRoleCredentials"), 1);
    keep_fresh(&world, &cached, left(16));
    assert_eq!(world.calls("GetRoleCredentials"), 2, "SDKs ask when 15 minutes are left");
    assert_ne!(block_on(cached.provide()).unwrap(), first);
    assert_eq!(world.calls("GetRoleCredentials"), 2, "it was there");
}

#[test]
fn credentials_that_nobody_wants_are_not_renewed() {
    let world = World::new();
    let role = SsoRole::new(world.token(), crate::support::ROLE);
    let cached = Cached::new(role, Arc::new(Stepping(world.emulator.clone())));
    block_on(cached.provide()).unwrap();
    keep_fresh(&world, &cached, world.emulator.now() + Duration::from_secs(6 * 3600));
    assert_eq!(world.calls("GetRoleCredentials"), 2, "the second ones were never asked for");
}
