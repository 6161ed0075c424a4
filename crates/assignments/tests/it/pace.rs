use std::num::NonZeroU32;
use std::time::Duration;

use emulator::{Fault, FaultKind, Scenario};
use providers::Role;
use test_support::block_on;

use crate::support::{ALL, World, organisation};

#[test]
fn a_thousand_accounts_take_the_time_that_the_quota_allows() {
    let mut scenario = Scenario::default();
    scenario.accounts = organisation(1000);
    scenario.rate_limit = NonZeroU32::new(20);
    let world = World::new(scenario);
    let begin = world.time();
    assert_eq!(world.list(&ALL).unwrap().len(), 1000);
    let took = world.time() - begin;
    let least = Duration::from_millis(1010 * 50);
    assert!(took.as_secs_f64() <= least.as_secs_f64() / 0.95, "{took:?}");
    assert_eq!(world.notes.warnings(), [""; 0]);
}

#[test]
fn a_lower_limit_slows_it_down_and_nothing_is_lost() {
    for (limit, most) in [(7, 160.0), (3, 400.0), (1, 1200.0)] {
        let mut scenario = Scenario::default();
        scenario.accounts = organisation(500);
        scenario.rate_limit = NonZeroU32::new(limit);
        let world = World::new(scenario);
        let begin = world.time();
        assert_eq!(world.list(&ALL).unwrap().len(), 500, "{limit}");
        let took = (world.time() - begin).as_secs_f64();
        assert!(took < most, "{took} s at {limit} a second");
        let (accounts, roles) = world.taken_calls();
        assert!(accounts + roles < 505 * 2, "{roles} requests for 500 answers");
    }
}

#[test]
fn a_retry_after_is_kept() {
    let world = World::of(40);
    let pause = FaultKind::Throttle { retry_after: Some(30) };
    world.change(|idp| idp.set_faults(&[Fault::new("ListAccountRoles", pause).skip(10).times(1)]));
    let begin = world.time();
    assert_eq!(world.list(&ALL).unwrap().len(), 40);
    let took = world.time() - begin;
    assert!(took > Duration::from_secs(30) && took < Duration::from_secs(45), "{took:?}");
}

#[test]
fn credentials_of_roles_take_turns_with_listings_and_wait_where_they_are_throttled() {
    let mut scenario = Scenario::default();
    scenario.accounts = organisation(30);
    scenario.rate_limit = NonZeroU32::new(20);
    let world = World::new(scenario);
    let begin = world.time();
    let all = world.list(&ALL).unwrap();
    let credentials = world.role_credentials();
    let get = || {
        for account in &all {
            let role = Role { account_id: &account.account.account_id, role_name: "Operator" };
            let got = block_on(credentials.of(role)).unwrap();
            assert_eq!(got.account_id.as_ref(), Some(&account.account.account_id));
            assert!(credentials.has_kept(role));
        }
    };
    get();
    let took = world.time() - begin;
    // 61 requests, the first at once.
    assert!(took >= Duration::from_millis(60 * 50) && took < Duration::from_secs(4), "{took:?}");
    get();
    assert_eq!(world.time() - begin, took, "they are cached");
    let pause = FaultKind::Throttle { retry_after: Some(30) };
    world.change(|idp| idp.set_faults(&[Fault::new("GetRoleCredentials", pause).times(1)]));
    let role = Role { account_id: &all[0].account.account_id, role_name: "ReadOnly" };
    block_on(credentials.of(role)).unwrap();
    let took = world.time() - begin - took;
    assert!(took >= Duration::from_secs(30) && took < Duration::from_secs(45), "{took:?}");
}
