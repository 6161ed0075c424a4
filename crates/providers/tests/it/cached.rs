use std::sync::Arc;
use std::time::Duration;

use providers::{Cached, ProvideCredentials};

use crate::support::{World, block_on};

#[test]
fn credentials_are_kept_until_the_window_before_their_end() {
    let world = World::new();
    let role = providers::SsoRole::new(world.token(), crate::support::ROLE);
    let cached = Cached::new(role, Arc::clone(&world.context.clock))
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
    let role = providers::SsoRole::new(world.token(), crate::support::ROLE);
    let cached = Cached::new(role, Arc::clone(&world.context.clock));
    block_on(cached.provide()).unwrap();
    world.token_file().remove().unwrap();
    world.emulator.advance(Duration::from_secs(3601));
    assert!(block_on(cached.provide()).is_err());
}
