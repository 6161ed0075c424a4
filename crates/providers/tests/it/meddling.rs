//! What other programs do to the token while it is refreshed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use emulator::InProcess;
use http::Request;
use providers::{
    Context, Endpoints, Error, InvalidTokenCause, ProvideCredentials, SsoRole, SsoToken,
};
use test_support::{Recorder, START, json_answer};
use token_cache::{CachedToken, Locking};
use wire::{ResponseFuture, Secret, Timestamp, Transport};

use crate::support::{PROGRAM, ROLE, URL, World, block_on};

const HOUR: Duration = Duration::from_secs(3600);

/// A network behind which something happens before the answer.
struct Meddling {
    emulator: InProcess,
    deed: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Transport for Meddling {
    fn send<'a>(&'a self, request: Request<Vec<u8>>) -> ResponseFuture<'a> {
        if let Some(deed) = self.deed.lock().unwrap().take() {
            deed();
        }
        self.emulator.send(request)
    }
}

impl World {
    fn token_over(&self, transport: Arc<dyn Transport>) -> SsoToken {
        let context = Context::new(PROGRAM, self.clock.clone(), transport, self.caches.clone())
            .with_endpoints(Endpoints::all_at(URL));
        SsoToken::new(context, self.session.clone())
    }

    /// A token whose refresh is under way when something happens.
    fn token_while(&self, deed: impl FnOnce() + Send + 'static) -> SsoToken {
        let deed: Box<dyn FnOnce() + Send> = Box::new(deed);
        let emulator = self.emulator.clone();
        self.token_over(Arc::new(Meddling { emulator, deed: Mutex::new(Some(deed)) }))
    }
}

#[test]
fn a_sign_out_beside_a_refresh_is_not_undone() {
    let world = World::new();
    world.emulator.advance(2 * HOUR);
    let file = world.token_file();
    let token = world.token_while(move || assert!(file.remove().unwrap()));
    let error = block_on(token.token()).unwrap_err();
    let is_absent =
        matches!(&error, Error::InvalidToken { cause: InvalidTokenCause::Absent { .. }, .. });
    assert!(is_absent, "{error:?}");
    assert_eq!(world.token_file().load().unwrap(), None);
    assert_eq!(world.calls("CreateToken:refresh_token"), 1);
}

#[test]
fn a_token_that_another_program_stores_beside_a_refresh_stays() {
    let change: [fn(&mut CachedToken); 2] = [
        |token| token.access_token = Secret::from("theirs"),
        |token| token.refresh_token = Some(Secret::from("theirs")),
    ];
    for change in change {
        let world = World::new();
        world.emulator.advance(2 * HOUR);
        let mut theirs = world.stored();
        theirs.expires_at = world.emulator.now() + HOUR;
        change(&mut theirs);
        let (file, written) = (world.token_file(), theirs.to_vec());
        let token = world.token_while(move || file.replace(written.expose()).unwrap());
        assert_eq!(block_on(token.token()).unwrap().token, theirs.access_token);
        assert_eq!(world.token_file().load().unwrap().unwrap(), *theirs.to_vec().expose());
    }
}

#[test]
fn a_token_that_died_while_the_lock_was_waited_for_is_not_sent() {
    let world = World::new();
    world.emulator.advance(2 * HOUR);
    let Locking::Held(lock) = world.token_file().try_lock() else { panic!("locks work here") };
    let mut dead = world.stored();
    dead.registration_expires_at = Some(Timestamp::from_unix(1));
    let file = world.token_file();
    world.clock.at_next_wait(move || {
        file.replace(dead.to_vec().expose()).unwrap();
        drop(lock);
    });
    let error = block_on(world.token().token()).unwrap_err();
    let is_expired =
        matches!(&error, Error::InvalidToken { cause: InvalidTokenCause::Expired { .. }, .. });
    assert!(is_expired, "{error:?}");
    assert_eq!(world.calls("CreateToken:refresh_token"), 0);
}

#[test]
fn a_role_that_is_fetched_beside_a_sign_out_is_not_kept() {
    for signs_out in [true, false] {
        let world = World::new();
        let file = world.token_file();
        let token = world.token_while(move || assert!(!signs_out || file.remove().unwrap()));
        block_on(SsoRole::new(token, ROLE).with_cache().provide()).unwrap();
        let kept = world.caches.cli.files().unwrap_or_default();
        assert_eq!(kept.is_empty(), signs_out);
    }
}

#[test]
fn a_dead_token_needs_no_lock() {
    let world = World::new();
    let mut dead = world.stored();
    dead.refresh_token = None;
    world.token_file().replace(dead.to_vec().expose()).unwrap();
    world.emulator.advance(2 * HOUR);
    let Locking::Held(_lock) = world.token_file().try_lock() else { panic!("locks work here") };
    let begin = world.context.clock().elapsed();
    let error = block_on(world.token().token()).unwrap_err();
    let is_expired =
        matches!(&error, Error::InvalidToken { cause: InvalidTokenCause::Expired { .. }, .. });
    assert!(is_expired, "{error:?}");
    // For a server that tells the time, not for the lock.
    let waited = world.context.clock().elapsed() - begin;
    assert!(waited < Duration::from_secs(10), "{waited:?}");
}

#[test]
fn a_token_that_lived_when_it_was_stored_is_dead_without_a_call() {
    let world = World::new();
    let (mut dead, file) = (world.stored(), world.token_file());
    dead.refresh_token = None;
    file.replace(dead.to_vec().expose()).unwrap();
    let opened = std::fs::File::options().write(true).open(file.path()).unwrap();
    opened.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(START)).unwrap();
    world.emulator.advance(2 * HOUR);
    let recorder = Recorder::answering(json_answer(404, ""));
    block_on(world.token_over(recorder.clone()).token()).unwrap_err();
    assert_eq!(recorder.requests().len(), 0);
}

#[test]
fn a_token_that_was_stored_while_the_lock_was_waited_for_replaces_a_rejected_one() {
    let world = World::new();
    let Locking::Held(lock) = world.token_file().try_lock() else { panic!("locks work here") };
    let rejected = world.stored().access_token;
    let mut theirs = world.stored();
    theirs.access_token = Secret::from("theirs");
    let (file, written) = (world.token_file(), theirs.to_vec());
    world.clock.at_next_wait(move || {
        file.replace(written.expose()).unwrap();
        drop(lock);
    });
    let token = block_on(world.token().replace(&rejected)).unwrap();
    assert_eq!(token.token, theirs.access_token);
    assert_eq!(world.calls("CreateToken:refresh_token"), 0);
}

#[test]
fn a_refresh_token_that_has_expired_is_sent_once_in_a_minute() {
    let world = World::new();
    world.emulator.advance(2 * HOUR);
    let recorder = Recorder::answering(json_answer(400, r#"{"error":"expired_token"}"#));
    for _ in 0..3 {
        block_on(world.token_over(recorder.clone()).token()).unwrap_err();
    }
    assert_eq!(recorder.requests().len(), 1);
}

#[test]
fn a_refusal_of_a_kind_that_is_not_known_ends_the_session_where_it_denies_access() {
    for (status, ends) in [(400, false), (401, true), (403, true), (404, false)] {
        let world = World::new();
        world.emulator.advance(2 * HOUR);
        let recorder = Recorder::answering(json_answer(status, r#"{"error":"novel"}"#));
        let error = block_on(world.token_over(recorder).token()).unwrap_err();
        let has_ended =
            matches!(&error, Error::InvalidToken { cause: InvalidTokenCause::Refused(_), .. });
        assert_eq!(has_ended, ends, "{error:?}");
    }
}
