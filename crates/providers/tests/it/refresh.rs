use std::sync::{Arc, Mutex};
use std::time::Duration;

use emulator::{Fault, FaultKind, Scenario};
use http::{Request, Uri};
use providers::{Clock, Error, InvalidTokenCause, ProvideCredentials, SsoRole, SsoToken};
use token_cache::Locking;
use wire::{ResponseFuture, Secret, Transport};

use crate::support::{ROLE, URL, World, block_on};

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

fn scenario(fault: Fault) -> Scenario {
    let mut scenario = Scenario::default();
    scenario.faults = vec![fault];
    scenario
}

#[test]
fn a_token_is_refreshed_when_under_twenty_minutes_are_left_and_not_before() {
    let world = World::new();
    world.emulator.advance(39 * MINUTE);
    assert!(!block_on(world.token().token()).unwrap().renewed);
    world.emulator.advance(2 * MINUTE);
    assert!(block_on(world.token().token()).unwrap().renewed);
    assert_eq!(world.calls("CreateToken:refresh_token"), 1);
}

#[test]
fn the_region_is_the_one_that_issued_the_token_and_else_that_of_the_session() {
    let world = World::new();
    for (issued_in, region) in [(Some("eu-west-9"), "eu-west-9"), (None, &*world.session.region)] {
        let mut token = world.stored();
        token.region = issued_in.map(str::to_owned);
        world.token_file().replace(token.to_vec().expose()).unwrap();
        assert_eq!(block_on(world.token().token()).unwrap().region, region);
    }
}

#[test]
fn a_fresh_token_waits_for_nobody() {
    let world = World::new();
    let Locking::Held(_lock) = world.token_file().try_lock() else { panic!("it is free") };
    let begin = world.clock.elapsed();
    assert!(!block_on(world.token().token()).unwrap().renewed);
    assert_eq!(world.clock.elapsed(), begin);
}

/// A transport that keeps where connections are opened before they are needed.
struct Ahead(Arc<dyn Transport>, Arc<Mutex<Vec<Uri>>>);

impl Transport for Ahead {
    fn connect_ahead(&self, endpoint: &Uri) {
        self.1.lock().unwrap().push(endpoint.clone());
    }

    fn send<'a>(&'a self, request: Request<Vec<u8>>) -> ResponseFuture<'a> {
        self.0.send(request)
    }
}

#[test]
fn who_needs_the_portal_has_a_connection_to_it_by_the_time_the_token_is_refreshed() {
    let world = World::new();
    let opened = Arc::<Mutex<Vec<Uri>>>::default();
    let layer = |transport| Arc::new(Ahead(transport, opened.clone())) as Arc<dyn Transport>;
    let context = world.context.clone().with_layer(layer);
    let token = || SsoToken::new(context.clone(), world.session.clone());
    world.emulator.advance(2 * HOUR);
    assert!(block_on(token().token()).unwrap().renewed);
    assert_eq!(*opened.lock().unwrap(), [""; 0]);
    world.emulator.advance(2 * HOUR);
    block_on(SsoRole::new(token(), ROLE).provide()).unwrap();
    assert_eq!(*opened.lock().unwrap(), [Uri::from_static(URL)]);
}

#[test]
fn a_failed_refresh_uses_the_token_while_it_lives_and_is_not_repeated_at_once() {
    let fault = Fault::new("CreateToken:refresh_token", FaultKind::Status(500));
    let world = World::with(scenario(fault));
    world.emulator.advance(45 * MINUTE);
    for _ in 0..3 {
        assert!(!block_on(world.token().token()).unwrap().renewed);
    }
    assert_eq!(world.calls("CreateToken:refresh_token"), 1);
    assert_eq!(world.notes.warnings().len(), 1);
    world.emulator.advance(HOUR);
    let error = block_on(world.token().token()).unwrap_err();
    assert!(matches!(error, Error::Call { operation: "CreateToken", .. }), "{error:?}");
}

#[test]
fn the_token_of_a_program_that_writes_after_our_refusal_is_adopted() {
    let world = World::new();
    let ours = world.token_file().load().unwrap().unwrap();
    // Another program spends the refresh token, and its answer is stored only when we wait for it.
    world.emulator.advance(2 * HOUR);
    let theirs = block_on(world.token().token()).unwrap();
    let written = world.token_file().load().unwrap().unwrap();
    world.token_file().replace(&ours).unwrap();
    let file = world.token_file();
    world.clock.at_next_wait(move || file.replace(&written).unwrap());
    let adopted = block_on(world.token().token()).unwrap();
    assert_eq!(adopted.token, theirs.token);
    assert_eq!(world.calls("CreateToken:refresh_token"), 2);
}

#[test]
fn a_spent_refresh_token_that_nobody_replaced_needs_a_sign_in() {
    let world = World::new();
    world.emulator.advance(2 * HOUR);
    world.emulator.idp().lock().unwrap().revoke_sessions();
    let before = world.emulator.now();
    let error = block_on(world.token().token()).unwrap_err();
    assert!(
        matches!(error, Error::InvalidToken { cause: InvalidTokenCause::Refused(_), .. }),
        "{error:?}"
    );
    assert!(before.until(world.emulator.now()) <= Duration::from_secs(2));
}

#[test]
fn who_cannot_get_the_lock_uses_a_valid_token_and_else_says_so() {
    let mut world = World::new();
    let Locking::Held(_lock) = world.token_file().try_lock() else { panic!("locks work here") };
    world.emulator.advance(45 * MINUTE);
    world.context = world.context.clone().with_patience(Duration::from_secs(3));
    assert!(!block_on(world.token().token()).unwrap().renewed);
    world.emulator.advance(HOUR);
    let error = block_on(world.token().token()).unwrap_err();
    assert!(matches!(error, Error::Busy { .. }), "{error:?}");
    assert_eq!(world.calls("CreateToken:refresh_token"), 0);
}

#[test]
fn a_half_written_file_is_read_again() {
    let world = World::new();
    let whole = world.token_file().load().unwrap().unwrap();
    world.token_file().replace(&whole[..20]).unwrap();
    let file = world.token_file();
    world.clock.at_next_wait(move || file.replace(&whole).unwrap());
    assert!(block_on(world.token().token()).is_ok());
}

#[test]
fn a_token_with_the_rest_of_a_longer_one_behind_it_is_salvaged() {
    let world = World::new();
    let mut torn = world.token_file().load().unwrap().unwrap();
    torn.extend_from_slice(b"\"abc\"}");
    world.token_file().replace(&torn).unwrap();
    assert!(block_on(world.token().token()).is_ok());
}

#[test]
fn a_token_of_another_portal_is_not_used() {
    let world = World::new();
    let mut token = world.stored();
    token.start_url = Some("https://other.awsapps.com/start".into());
    world.token_file().replace(token.to_vec().expose()).unwrap();
    let error = block_on(world.token().token()).unwrap_err();
    assert!(
        matches!(error, Error::InvalidToken { cause: InvalidTokenCause::OtherPortal { .. }, .. }),
        "{error:?}"
    );
}

#[test]
fn a_token_that_is_not_accepted_is_replaced_by_one_that_was_stored_meanwhile() {
    let world = World::new();
    let fresh = block_on(world.token().token()).unwrap();
    let spent = Secret::from("somebody else's");
    assert_eq!(block_on(world.token().replace(&spent)).unwrap().token, fresh.token);
    assert_eq!(world.calls("CreateToken:refresh_token"), 0);
    assert!(block_on(world.token().replace(&fresh.token)).unwrap().renewed);
    assert_eq!(world.calls("CreateToken:refresh_token"), 1);
}

#[test]
fn credentials_about_to_expire_are_served_where_no_new_ones_can_be_had() {
    let world = World::new();
    let first = block_on(world.role().provide()).unwrap();
    world.emulator.advance(50 * MINUTE);
    world.token_file().remove().unwrap();
    assert_eq!(block_on(world.role().provide()).unwrap(), first);
    assert!(world.notes.warnings()[0].contains("about to expire"));
    world.emulator.advance(10 * MINUTE);
    assert!(block_on(world.role().provide()).is_err());
}

#[test]
fn a_cache_that_cannot_be_written_warns_and_goes_on() {
    let world = World::new();
    std::fs::write(world.home.path().join("cli"), b"").unwrap();
    assert!(block_on(world.role().provide()).is_ok());
    assert!(world.notes.warnings()[0].contains("the credentials are not cached"));
}

#[test]
fn a_refusal_spares_the_server_for_a_minute_and_ends_with_another_token() {
    let world = World::new();
    world.emulator.advance(2 * HOUR);
    world.emulator.idp().lock().unwrap().revoke_sessions();
    block_on(world.token().token()).unwrap_err();
    for _ in 0..100 {
        let error = block_on(world.token().token()).unwrap_err();
        let cause = "the service refused to refresh the token at";
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.starts_with(cause) && source.ends_with("(invalid_grant)"), "{source}");
    }
    assert_eq!(world.calls("CreateToken:refresh_token"), 1);
    world.emulator.advance(MINUTE);
    block_on(world.token().token()).unwrap_err();
    assert_eq!(world.calls("CreateToken:refresh_token"), 2);
    world.sign_in();
    world.emulator.advance(2 * HOUR);
    assert!(block_on(world.token().token()).unwrap().renewed);
}

#[test]
fn only_a_refusal_of_the_token_itself_is_noted() {
    let fault = Fault::new("CreateToken:refresh_token", FaultKind::ExpiredRegistration);
    let world = World::with(scenario(fault));
    world.emulator.advance(2 * HOUR);
    for _ in 0..3 {
        block_on(world.token().token()).unwrap_err();
    }
    assert_eq!(world.calls("CreateToken:refresh_token"), 3);
    world.token_file().remove().unwrap();
    let error = block_on(world.token().token()).unwrap_err();
    assert!(
        matches!(error, Error::InvalidToken { cause: InvalidTokenCause::Absent { .. }, .. }),
        "{error:?}"
    );
}
