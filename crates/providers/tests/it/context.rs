//! What a context is given, and what comes of it.

use std::time::Duration;

use futures_lite::future::poll_once;
use http::Request;
use providers::{Caches, Endpoints, ProvideCredentials, Service, Session, SsoToken, Unbroken};
use shared_config::{Environment, Locations};
use test_support::{Recorder, json_answer};
use token_cache::Directory;

use crate::support::{PROGRAM, URL, World, block_on};

#[test]
fn a_layer_stands_between_the_callers_and_the_transport() {
    let world = World::new();
    let recorder = Recorder::answering(json_answer(204, ""));
    let layer = recorder.clone();
    let context = world.context.with_layer(|_| layer);
    let answer = block_on(context.send("Ping", Request::new(Vec::new()))).unwrap();
    assert_eq!((answer.status().as_u16(), recorder.requests().len()), (204, 1));
}

#[test]
fn the_token_of_another_program_is_waited_for_as_long_as_somebody_says() {
    let world = World::new();
    world.emulator.advance(Duration::from_secs(7200));
    world.emulator.idp().lock().unwrap().revoke_sessions();
    let adoption = Duration::from_secs(30);
    let context = world.context.clone().with_adoption(adoption);
    let begin = context.clock().elapsed();
    let token = SsoToken::new(context.clone(), world.session);
    block_on(token.token()).unwrap_err();
    let waited = context.clock().elapsed() - begin;
    assert!((30..40).contains(&waited.as_secs()), "{waited:?}");
}

#[test]
fn what_must_not_be_broken_off_is_counted_where_somebody_says() {
    let unbroken = Unbroken::default();
    let context = World::new().context.with_unbroken(unbroken.clone());
    let unfinished = block_on(context.unbroken().begin());
    assert!(block_on(poll_once(unbroken.settled())).is_none());
    drop(unfinished);
    assert!(block_on(poll_once(unbroken.settled())).is_some());
}

#[test]
fn one_url_may_be_that_of_all_services() {
    let endpoints = Endpoints::all_at(URL);
    for service in [Service::Oidc, Service::Sso, Service::Sts] {
        assert_eq!(endpoints.custom(service), Some(URL));
        assert_eq!(endpoints.of(service, "eu-west-1").unwrap().to_string(), format!("{URL}/"));
    }
    let context = World::new().context.with_endpoints(endpoints);
    assert_eq!(context.endpoints().custom(Service::Sts), Some(URL));
    // One that is refused later may hold a password.
    let shown = format!("{:?}", Endpoints::all_at("https://me:hunter2@h"));
    assert!(shown.contains("all services") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_program_keeps_what_is_its_own_below_its_name() {
    let home = World::new().home.path().to_owned();
    let caches = |variables: &[(&str, &str)]| {
        let home = [("HOME", home.to_str().unwrap())];
        let environment = Environment::from_pairs(home.into_iter().chain(variables.to_vec()));
        let locations = Locations::from_env(&environment).unwrap();
        Caches::new(&locations, &environment, PROGRAM)
    };
    if cfg!(unix) {
        let key = Session::legacy("https://x", "eu-west-1").cache_key();
        let path = |directory: &Directory| directory.file(&key).path().to_owned();
        let plain = caches(&[]);
        let usual = if cfg!(target_os = "macos") { "Library/Caches/tests" } else { ".cache/tests" };
        let own = home.join(usual);
        assert!(path(&plain.assumed_roles).starts_with(own.join("assumed-roles")));
        assert!(path(&plain.listings).starts_with(own.join("listings")));
        assert!(path(&plain.sso).starts_with(home.join(".aws/sso/cache")));
        assert!(path(&plain.cli).starts_with(home.join(".aws/cli/cache")));
        let moved = caches(&[("XDG_CACHE_HOME", "/cache")]);
        assert!(path(&moved.listings).starts_with("/cache/tests/listings"));
        let relative = caches(&[("XDG_CACHE_HOME", "cache")]);
        assert_eq!(path(&relative.listings), path(&plain.listings));
    }
}

#[test]
fn each_call_is_noted_with_its_action_and_its_host() {
    let world = World::new();
    block_on(world.role().provide()).unwrap();
    let notes = world.notes.text();
    assert!(notes.contains("GetRoleCredentials at 127.0.0.1: answered"), "{notes}");
    let read = format!("read {}", world.token_file().path().display());
    assert!(notes.contains(&read), "{notes}");
}

#[test]
fn a_request_is_noted_with_what_came_back_and_with_an_id_that_can_hold_nothing_else() {
    let id = "0123abcd-0123-abcd-EF01-0123456789ab";
    for (answered, told) in [
        (id, &*format!(", request id {id}")),
        (id.get(1..).unwrap(), ""),
        (&id.replace('b', "g"), ""),
        ("hunter2", ""),
    ] {
        let world = World::new();
        let mut answer = json_answer(204, "");
        answer.headers_mut().insert("x-amzn-requestid", answered.parse().unwrap());
        let context = world.context.clone().with_layer(|_| Recorder::answering(answer));
        let request = Request::put("https://h/path?query").body(Vec::new()).unwrap();
        block_on(context.send("Ping", request)).unwrap();
        let expected = format!("Ping at h: answered (PUT, HTTP 204, 0 ms{told})");
        assert_eq!(world.notes.text().lines().last(), Some(&*expected));
    }
}

#[test]
fn a_context_shows_how_it_is_set_up() {
    let context = World::new().context.with_patience(Duration::from_secs(7));
    assert_eq!(context.patience(), Duration::from_secs(7));
    let shown = format!("{context:?}");
    assert!(shown.starts_with("Context {") && shown.contains("patience: 7s"), "{shown}");
}
