//! Roles in files: which serve, which are fetched anew, and what is left where that fails.

use std::sync::Arc;
use std::time::Duration;

use emulator::{Fault, FaultKind};
use providers::{
    Credentials, Error, Identity, ProvideCredentials, ProviderOptions, Target, resolve_in,
};
use shared_config::{Environment, Files, Sections};
use token_cache::{CachedRole, Locking};

use crate::chain::{CONFIG, codes};
use crate::support::{URL, World, block_on};

impl World {
    fn identity(&self, profile: &str) -> Identity {
        let config = format!(
            "{CONFIG}[profile long]\nrole_arn = arn:aws:iam::222233334444:role/Reader\n\
             source_profile = user\nduration_seconds = 7200\n\
             [profile short]\nrole_arn = arn:aws:iam::222233334444:role/Hub\n\
             source_profile = sso\nduration_seconds = 1800\n\
             [profile web]\nrole_arn = arn:aws:iam::222233334444:role/Web\n\
             web_identity_token_file = {}\n",
            self.home.path().join("token").display()
        );
        let files = Files::from_texts(&config, "");
        let environment = Environment::from_pairs([("AWS_ENDPOINT_URL", URL)]);
        let target = Target::profile(profile);
        resolve_in(&Sections::parse(&files), &environment, &target).unwrap()
    }

    /// The provider of a profile, without a look into the caches before it.
    fn provider(&self, profile: &str, options: &ProviderOptions) -> Arc<dyn ProvideCredentials> {
        self.identity(profile).provider_with(&self.context, options).unwrap()
    }

    fn probe(&self, profile: &str) -> Option<Credentials> {
        self.identity(profile).probe(&self.caches, self.emulator.now())
    }

    fn ask(&self, profile: &str, options: &ProviderOptions) -> Result<Credentials, Error> {
        block_on(self.provider(profile, options).provide())
    }

    fn fail(&self, operation: &str, kind: FaultKind) {
        self.emulator.idp().lock().unwrap().set_faults(&[Fault::new(operation, kind)]);
    }
}

#[test]
fn who_wants_new_credentials_gets_them_and_the_hops_before_stay() {
    let world = World::new();
    std::fs::write(world.home.path().join("token"), "first").unwrap();
    let plain = ProviderOptions::default();
    let forced = ProviderOptions::default().with_force_refresh(true);
    for profile in ["sso", "hub", "spoke", "web"] {
        let first = world.ask(profile, &plain).unwrap();
        assert_eq!(world.ask(profile, &plain).unwrap(), first);
        world.emulator.advance(Duration::from_secs(60));
        let anew = world.ask(profile, &forced).unwrap();
        assert_ne!(anew.access_key_id, first.access_key_id, "{profile}");
        assert_eq!(world.ask(profile, &plain).unwrap(), anew, "it was stored");
    }
    let assumed = world.assumed();
    let hub = assumed.iter().filter(|(name, _)| name == "Hub").count();
    assert_eq!((hub, world.calls("GetRoleCredentials")), (2, 2));
}

#[test]
fn new_credentials_are_those_that_were_fetched_since_they_were_asked_for() {
    let world = World::new();
    let role = |forced| world.role().with_force_refresh(forced);
    block_on(role(false).provide()).unwrap();
    block_on(role(true).provide()).unwrap();
    assert_eq!(world.calls("GetRoleCredentials"), 2, "these are of the same second");
    // Another process fetches while we wait for it.
    let file = world.caches.cli.files().unwrap().remove(0);
    let Locking::Held(lock) = file.try_lock() else { panic!("locks work here") };
    let mut newer = CachedRole::from_slice(&file.load().unwrap().unwrap()).unwrap();
    let origin = newer.origin.as_mut().unwrap();
    origin.fetched_at = origin.fetched_at + Duration::from_secs(1);
    world.clock.at_next_wait(move || {
        file.replace(newer.to_vec().expose()).unwrap();
        drop(lock);
    });
    block_on(role(true).provide()).unwrap();
    assert_eq!(world.calls("GetRoleCredentials"), 2);
}

#[test]
fn a_look_into_the_caches_finds_what_is_kept_as_long_as_it_serves() {
    let world = World::new();
    std::fs::write(world.home.path().join("token"), "first").unwrap();
    let profiles = ["sso", "hub", "spoke", "web"];
    let kept = profiles.map(|profile| {
        assert_eq!(world.probe(profile), None);
        Some(world.ask(profile, &ProviderOptions::default()).unwrap())
    });
    world.ask("user", &ProviderOptions::default()).unwrap();
    let calls = world.emulator.idp().lock().unwrap().calls().len();
    world.emulator.advance(Duration::from_secs(44 * 60));
    assert_eq!(profiles.map(|profile| world.probe(profile)), kept);
    assert_eq!(world.probe("user"), None, "keys of a profile are not kept");
    world.emulator.advance(Duration::from_secs(60));
    assert_eq!(profiles.map(|profile| world.probe(profile)), [const { None }; 4]);
    assert_eq!(world.emulator.idp().lock().unwrap().calls().len(), calls, "nobody was asked");
}

#[test]
fn a_kept_role_needs_no_code() {
    let world = World::new();
    let first = world.ask("mfa", &codes(&["123456"])).unwrap();
    assert_eq!(world.ask("mfa", &ProviderOptions::default()).unwrap(), first);
}

#[test]
fn a_wrong_code_is_told_from_other_refusals() {
    let world = World::new();
    let refusal = |code: &str| world.ask("mfa", &codes(&[code])).unwrap_err();
    let error = refusal("999999");
    assert!(matches!(error, Error::AssumeRole { .. }) && error.is_wrong_code(), "{error:?}");
    for kind in [FaultKind::Forbidden, FaultKind::Status(500)] {
        world.fail("AssumeRole", kind);
        assert!(!refusal("123456").is_wrong_code(), "{kind:?}");
    }
    let error = world.ask("mfa", &ProviderOptions::default()).unwrap_err();
    assert!(!error.is_wrong_code(), "there was no code");
}

#[test]
fn a_duration_within_the_limit_is_asked_for_as_it_is() {
    let world = World::new();
    let options = ProviderOptions::default();
    world.ask("long", &options).unwrap();
    world.ask("short", &options).unwrap();
    assert_eq!(
        world.assumed(),
        [("Reader".to_owned(), Some(7200)), ("Hub".to_owned(), Some(1800))]
    );
    assert_eq!(world.notes.warnings(), [""; 0]);
}

#[test]
fn a_provider_has_the_name_that_its_credentials_tell() {
    let world = World::new();
    std::fs::write(world.home.path().join("token"), "first").unwrap();
    for (profile, name) in [
        ("sso", "SSO role"),
        ("hub", "AssumeRole"),
        ("user", "static keys"),
        ("web", "web identity"),
    ] {
        let provider = world.provider(profile, &ProviderOptions::default());
        assert_eq!((provider.name(), format!("{provider:?}").as_str()), (name, name));
        let credentials = block_on(provider.provide()).unwrap();
        assert_eq!(credentials.sources.last().unwrap().provider, name);
    }
}

#[test]
fn credentials_about_to_expire_serve_unless_their_role_was_refused() {
    for (profile, operation, kind, serves) in [
        ("hub", "AssumeRole", FaultKind::Status(500), true),
        ("hub", "AssumeRole", FaultKind::Forbidden, false),
        ("hub", "AssumeRole", FaultKind::Unauthorized, true),
        ("hub", "GetRoleCredentials", FaultKind::Forbidden, false),
        ("sso", "GetRoleCredentials", FaultKind::Status(500), true),
        ("sso", "GetRoleCredentials", FaultKind::Forbidden, false),
    ] {
        let world = World::new();
        let first = world.provide(profile).unwrap();
        world.emulator.advance(Duration::from_secs(50 * 60));
        world.fail(operation, kind);
        let answer = world.provide(profile);
        assert_eq!(answer.is_ok(), serves, "{profile} {operation} {kind:?}");
        if let Ok(answer) = answer {
            assert_eq!(answer, first);
            assert!(world.notes.text().contains("serving credentials about to expire"));
        }
        // Who wants new ones wants no old ones.
        let forced = ProviderOptions::default().with_force_refresh(true);
        assert!(world.ask(profile, &forced).is_err());
    }
}

#[test]
fn credentials_of_the_last_minute_do_not_serve() {
    let world = World::new();
    world.provide("hub").unwrap();
    world.fail("AssumeRole", FaultKind::Status(500));
    world.emulator.advance(Duration::from_secs(59 * 60 - 1));
    assert!(world.provide("hub").is_ok());
    world.emulator.advance(Duration::from_secs(1));
    assert!(world.provide("hub").is_err());
}
