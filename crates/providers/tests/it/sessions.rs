//! Calls with the token of a session, and what is known of a session without network.

use std::sync::Mutex;
use std::time::Duration;

use http::{StatusCode, Uri};
use providers::{
    AccessToken, Credentials, Error, InvalidTokenCause, Role, cached_files, cached_roles,
};
use token_cache::{CachedRole, FormatError, Policy};
use wire::{CallError, DecodeError, ServiceError};

use crate::support::{ROLE, World, block_on};

const HOUR: Duration = Duration::from_secs(3600);

/// What a service answers that refuses a call.
fn refused(status: u16) -> Error {
    let status = StatusCode::from_u16(status).unwrap();
    let error = DecodeError::Service(Box::new(ServiceError::new(status, "Refused", None)));
    Error::call("Ping", &Uri::from_static("https://h"), CallError::from(error))
}

/// Makes a call that is refused so often; returns the result and the tokens that were sent.
fn authorize(world: &World, status: u16, times: usize) -> (Result<String, Error>, Vec<String>) {
    let sent = Mutex::new(Vec::new());
    let call = |token: AccessToken| {
        let mut sent = sent.lock().unwrap();
        sent.push(token.token.expose().clone());
        let answer = if sent.len() > times { Ok("done".to_owned()) } else { Err(refused(status)) };
        std::future::ready(answer)
    };
    let result = block_on(world.token().authorize(call));
    (result, sent.into_inner().unwrap())
}

#[test]
fn a_call_whose_token_is_not_accepted_is_made_again_with_another_one() {
    let (result, sent) = authorize(&World::new(), 401, 0);
    assert_eq!((result.unwrap().as_str(), sent.len()), ("done", 1));
    let world = World::new();
    let (result, sent) = authorize(&world, 401, 1);
    assert_eq!((result.unwrap().as_str(), sent.len()), ("done", 2));
    assert_ne!(sent[0], sent[1]);
    assert_eq!(sent[1], *world.stored().access_token.expose());
    let (result, sent) = authorize(&World::new(), 401, 2);
    let error = result.unwrap_err();
    let is_rejected =
        matches!(&error, Error::InvalidToken { cause: InvalidTokenCause::Rejected(_), .. });
    assert!(is_rejected && sent.len() == 2, "{error:?}");
}

#[test]
fn a_call_that_is_refused_for_another_reason_is_not_repeated() {
    let (result, sent) = authorize(&World::new(), 403, 1);
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Call { operation: "Ping", .. }), "{error:?}");
    assert_eq!(sent.len(), 1);
}

/// Why every command would end with an error, if it would.
fn problem(world: &World) -> (bool, Option<InvalidTokenCause>) {
    let state = block_on(world.token().state());
    let cause = state.problem.map(|problem| match problem {
        Error::InvalidToken { cause, .. } => cause,
        other => panic!("{other:?}"),
    });
    (state.token.is_some(), cause)
}

#[test]
fn the_state_of_a_session_is_told_without_a_call() {
    let world = World::new();
    let calls = || world.emulator.idp().lock().unwrap().calls().len();
    let before = calls();
    assert!(matches!(problem(&world), (true, None)));
    world.emulator.advance(2 * HOUR);
    assert!(matches!(problem(&world), (true, None)), "it can be refreshed");
    assert_eq!(calls(), before);
    world.emulator.idp().lock().unwrap().revoke_sessions();
    block_on(world.token().token()).unwrap_err();
    let (has_token, cause) = problem(&world);
    assert!(matches!(cause, Some(InvalidTokenCause::RefusedBefore { .. })) && has_token);
    world.sign_in();
    assert!(matches!(problem(&world), (true, None)), "it is another token");
    let mut token = world.stored();
    token.refresh_token = None;
    world.token_file().replace(token.to_vec().expose()).unwrap();
    assert!(matches!(problem(&world), (true, None)), "it lives");
    world.emulator.advance(2 * HOUR);
    assert!(matches!(problem(&world), (true, Some(InvalidTokenCause::Expired { .. }))));
    world.token_file().remove().unwrap();
    assert!(matches!(problem(&world), (false, Some(InvalidTokenCause::Absent { .. }))));
}

#[test]
fn a_token_may_lie_elsewhere_and_be_refreshed_at_other_times() {
    let world = World::new();
    let elsewhere = world.home.path().join("elsewhere.json");
    std::fs::rename(world.token_file().path(), &elsewhere).unwrap();
    assert!(block_on(world.token().token()).is_err());
    let token = || world.token().with_cached_token_path(&elsewhere);
    assert!(!block_on(token().token()).unwrap().renewed);
    assert_eq!(token().session(), &world.session);
    let early = Policy::default().with_window(2 * HOUR);
    assert!(block_on(token().with_policy(early).token()).unwrap().renewed);
}

#[test]
fn a_file_that_stays_half_written_is_waited_for_half_a_second() {
    let world = World::new();
    world.token_file().replace(b"{\"accessToken\":").unwrap();
    let begin = world.context.clock().elapsed();
    let error = block_on(world.token().token()).unwrap_err();
    let Error::InvalidToken { cause: InvalidTokenCause::Malformed { source, .. }, .. } = error
    else {
        panic!("{error:?}")
    };
    assert!(matches!(source, FormatError::Syntax { .. }), "{source:?}");
    let waited = world.context.clock().elapsed() - begin;
    assert_eq!(waited.as_millis(), 480);
}

#[test]
fn cached_roles_are_those_of_the_session_and_of_files_that_a_known_role_names() {
    let world = World::new();
    let provide = |name| {
        let role = Role { account_id: "111122223333", role_name: name };
        let role = providers::SsoRole::new(world.token(), role).with_cache();
        block_on(providers::ProvideCredentials::provide(&role)).unwrap()
    };
    let kept: [Credentials; 2] = [provide("ReadOnly"), provide("Operator")];
    let found = |session, known: &[Role<'_>]| {
        let entries = cached_roles(session, known, &world.caches.cli);
        entries.into_iter().map(|entry| (entry.role_name, entry.expiration)).collect::<Vec<_>>()
    };
    let both = [("Operator", &kept[1]), ("ReadOnly", &kept[0])]
        .map(|(name, kept)| (name.to_owned(), kept.expiration.unwrap()));
    assert_eq!(found(&world.session, &[]), both);
    let other = providers::Session::named("other", "https://other", "eu-west-1");
    assert_eq!(found(&other, &[ROLE]), []);
    let mut of_role = Vec::new();
    // As the AWS CLI writes them.
    for file in world.caches.cli.files().unwrap() {
        let mut entry = CachedRole::from_slice(&file.load().unwrap().unwrap()).unwrap();
        let origin = entry.origin.take().unwrap();
        file.replace(entry.to_vec().expose()).unwrap();
        of_role.extend((origin.role_name == ROLE.role_name).then_some(file));
    }
    assert_eq!(found(&world.session, &[]), []);
    assert_eq!(found(&world.session, &[ROLE]), both[1..]);
    assert_eq!(cached_files(&world.session, &[ROLE], &world.caches), of_role);
    let listing = world.caches.listings.file(&world.session.cache_key());
    listing.replace(b"{}").unwrap();
    assert_eq!(cached_files(&world.session, &[], &world.caches), [listing]);
}
