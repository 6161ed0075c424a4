//! Credentials of a profile for fifty tasks, each of which may end at any moment:
//! `shared_by_tasks NAME`.

use std::sync::Arc;
use std::time::Duration;

use providers::shared_config::{Environment, Locations};
use providers::{Cached, Context, Program, ProvideCredentials, Target, resolve};
use tokio::{task::JoinSet, time::timeout};
use transport::{Config, Hyper, TokioClock};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program of its own")]
async fn main() -> Result<()> {
    let environment = Environment::new(std::env::vars_os());
    let (program, transport) = (Program::named("example"), Hyper::new(Config::default()));
    let context =
        Context::from_env(program, &environment, Arc::new(TokioClock), Arc::new(transport))?;
    let name = std::env::args().nth(1).unwrap_or_else(|| "default".to_owned());
    println!("{} of 50 tasks were in time", serve(&context, &environment, &name).await?);
    Ok(())
}

/// Returns how many tasks had the patience to wait for credentials.
async fn serve(context: &Context, environment: &Environment, profile: &str) -> Result<usize> {
    let locations = Locations::from_env(environment)?;
    let identity = resolve(&locations, environment, &Target::profile(profile))?;
    let cached = Cached::new(identity.provider(context)?, Arc::clone(context.clock()));
    let mut tasks = JoinSet::new();
    for task in 0..50_u64 {
        let cached = cached.clone();
        let patience = Duration::from_millis(task * 7919 % 60);
        tasks.spawn(async move { timeout(patience, cached.provide()).await });
    }
    let ended = tasks.join_all().await;
    context.unbroken().settled().await; // a refresh that nobody waited for is stored
    Ok(ended.iter().filter(|in_time| matches!(in_time, Ok(Ok(_)))).count())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_that_leave_cost_one_refresh_and_lose_no_session() {
    use emulator::{Fault, FaultKind, Scenario, Server};
    use providers::token_cache::SessionKey;
    let mut scenario = Scenario::default();
    scenario.lifetimes.access_token = Duration::from_secs(600); // due for a refresh from the start
    scenario.faults = vec![Fault::new("*", FaultKind::Latency(Duration::from_millis(10)))];
    let (server, home) = (Server::of(scenario).unwrap(), tempfile::tempdir().unwrap());
    let before = server.sign_in_at(&home).unwrap();
    let environment = Environment::from_pairs([("HOME", home.path().to_str().unwrap())]);
    let transport = Arc::new(Hyper::new(Config::default()));
    let program = Program::named("example");
    let context =
        Context::from_env(program, &environment, Arc::new(TokioClock), transport).unwrap();
    let profile = "111122223333-ReadOnly";
    serve(&context, &environment, profile).await.unwrap();
    let stored = context.caches().sso.token(SessionKey::Session("emulator"));
    assert_ne!(stored.unwrap().access_token, before.access_token);
    let locations = Locations::from_env(&environment).unwrap();
    let identity = resolve(&locations, &environment, &Target::profile(profile)).unwrap();
    identity.provider(&context).unwrap().provide().await.unwrap();
    assert_eq!(server.count("CreateToken:refresh_token"), 1);
    assert_eq!(server.count("GetRoleCredentials"), 1);
}
