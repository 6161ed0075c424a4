//! Whole chains of providers, with recorded traffic, as the Rust and the Kotlin SDK are tested.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use test_support::{Notes, TestClock};

use conformance::{Corpus, Difference, Tally, corpus};
use providers::{
    Caches, Context, Credentials, Identity, Program, ResolveError, Target, resolve, resolve_default,
};
use serde_json::Value;
use shared_config::Locations;
use wire::Timestamp;

use crate::scenario::ScenarioFolder;

/// The time at which the suites of both SDKs play, unless files say otherwise.
const NOW: i64 = 1_234_567_000;

fn folders(corpus: &Corpus, folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(corpus.path(folder)).unwrap();
    let mut folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// How the identity of a suite is found.
type Resolve = fn(&Locations, &shared_config::Environment) -> Result<Identity, ResolveError>;

/// Runs a folder; returns what is seen, and every text that somebody could read.
fn run(scenario: &Arc<ScenarioFolder>, resolve: Resolve) -> (String, String) {
    let notes = Arc::new(Notes::default());
    let result = provide(scenario, resolve, &notes);
    let read = format!("{} {result:?}", notes.text());
    (result.map_or_else(|_| "an error".to_owned(), |credentials| shown(&credentials)), read)
}

fn provide(
    scenario: &Arc<ScenarioFolder>,
    resolve: Resolve,
    notes: &Arc<Notes>,
) -> Result<Credentials, Box<dyn std::error::Error>> {
    struct Recorded(Arc<ScenarioFolder>);
    impl wire::Transport for Recorded {
        fn send<'a>(&'a self, request: http::Request<Vec<u8>>) -> wire::ResponseFuture<'a> {
            self.0.traffic.send(request)
        }
    }
    let environment = &scenario.environment;
    let locations = Locations::from_env(environment)?;
    let identity = resolve(&locations, environment)?;
    let clock = TestClock::at_and_real(Timestamp::from_unix(NOW));
    let transport = Arc::new(Recorded(Arc::clone(scenario)));
    let program = Program::named("conformance");
    let caches = Caches::new(&locations, environment, program);
    let context = Context::new(program, clock, transport, caches).with_log(notes.clone());
    let provider = identity.provider(&context)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(provider.provide())?)
}

fn shown(credentials: &Credentials) -> String {
    let secret = |secret: Option<&wire::Secret<String>>| {
        secret.map_or_else(|| "-".to_owned(), |secret| secret.expose().clone())
    };
    format!(
        "{} {} {} {} {}",
        credentials.access_key_id,
        secret(Some(&credentials.secret_access_key)),
        secret(credentials.session_token.as_ref()),
        credentials.account_id.as_deref().unwrap_or("-"),
        credentials.expiration.map_or_else(|| "-".to_owned(), |end| end.unix().to_string()),
    )
}

/// What a suite expects; members that it leaves out are taken from what is seen.
fn expected(result: &Value, seen: &str) -> String {
    let Some(ok) = result.get("Ok") else { return "an error".to_owned() };
    let mut seen = seen.split(' ');
    let mut member = |names: [&str; 2]| {
        let seen = seen.next().unwrap_or_default();
        let value = names.iter().find_map(|name| ok.get(*name));
        value.map_or_else(|| seen.to_owned(), |value| value.to_string().replace('"', ""))
    };
    [
        member(["access_key_id", ""]),
        member(["secret_access_key", ""]),
        member(["session_token", ""]),
        member(["account_id", "accountId"]),
        member(["expiry", ""]),
    ]
    .join(" ")
}

fn run_all(
    suite: &'static str,
    (name, folder): (&str, &str),
    resolve: Resolve,
    differences: &'static [Difference],
) {
    let Some(corpus) = corpus(name) else { return };
    let mut tally = Tally::new(suite, differences);
    for path in folders(&corpus, folder) {
        let scenario = Arc::new(ScenarioFolder::load(&path));
        if scenario.name.starts_with("imds") {
            tally.skip("the instance metadata service is not asked");
            continue;
        }
        if scenario.name == "prefer_system_properties" {
            tally.skip("only the JVM has system properties");
            continue;
        }
        let (mut seen, read) = run(&scenario, resolve);
        for secret in &scenario.secrets {
            assert!(!read.contains(secret.as_str()), "{}: a secret in {read}", scenario.name);
        }
        let expected = expected(&scenario.result, &seen);
        for deviation in scenario.traffic.deviations() {
            seen.push_str(&format!("; {deviation}"));
        }
        tally.compare(&scenario.name, &expected, &seen);
    }
    tally.finish();
}

const NOT_ASKED: &str = "an error; 1 recorded requests were not made";

const PROFILES: [Difference; 4] = [
    differs("assume_role_override_global_env_url", "endpoint-http"),
    differs("assume_role_override_global_profile_url", "endpoint-http"),
    differs("assume_role_override_service_env_url", "endpoint-http"),
    differs("assume_role_override_service_profile_url", "endpoint-http"),
];

const RUST_CHAIN: [Difference; 2] =
    [differs("sso_assume_role", "account-id"), differs("sso_server_error", "account-id")];

const KOTLIN_CHAIN: [Difference; 1] = [differs("legacy_sso_role", "account-id")];

const fn differs(id: &'static str, row: &'static str) -> Difference {
    Difference { id, row, keyfob: NOT_ASKED }
}

#[test]
fn default_chains_end_as_in_rust() {
    let folder = ("rust-aws-config", "data/default-credential-provider-chain");
    run_all("aws-config default chain", folder, resolve_default, &RUST_CHAIN);
}

fn default_profile(
    locations: &Locations,
    environment: &shared_config::Environment,
) -> Result<Identity, ResolveError> {
    resolve(locations, environment, &Target::profile("default"))
}

#[test]
fn profiles_end_as_in_rust() {
    let folder = ("rust-aws-config", "data/profile-provider");
    run_all("aws-config profiles", folder, default_profile, &PROFILES);
}

#[test]
fn default_chains_end_as_in_kotlin() {
    let folder = ("kotlin-aws-config", "data/default-provider-chain");
    run_all("kotlin default chain", folder, resolve_default, &KOTLIN_CHAIN);
}
