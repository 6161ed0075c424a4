//! Credentials of a profile: `by_profile NAME`.
//!
//! The counterpart of the first program in the package documentation of Go's `ssocreds`: it loads
//! the configuration, finds the profile and retrieves its credentials.

use std::sync::Arc;

use providers::{Context, Credentials, Program, Target, resolve};
use shared_config::{Environment, Locations};
use transport::{Config, Hyper, TokioClock};
use wire::Transport;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program of its own")]
async fn main() -> Result<()> {
    let environment = Environment::new(std::env::vars_os());
    let name = std::env::args().nth(1).unwrap_or_else(|| "default".to_owned());
    let transport = Arc::new(Hyper::new(Config::default()));
    println!("{:?}", retrieve(&environment, transport, &name).await?); // secrets do not show
    Ok(())
}

async fn retrieve(
    environment: &Environment,
    transport: Arc<dyn Transport>,
    profile: &str,
) -> Result<Credentials> {
    let program = Program::named("by-profile");
    let locations = Locations::from_env(environment)?;
    let identity = resolve(&locations, environment, &Target::profile(profile))?;
    let context = Context::from_env(program, environment, Arc::new(TokioClock), transport)?;
    Ok(identity.provider(&context)?.provide().await?)
}

#[tokio::test]
async fn it_retrieves_credentials() {
    let mut scenario = emulator::Scenario::default();
    scenario.seed = Some(1);
    let signed_in = test_support::SignedIn::with(scenario);
    let home = signed_in.home.path();
    let config = format!(
        "[profile dev]\nsso_start_url = {}\nsso_region = {}\nsso_account_id = 111122223333\n\
         sso_role_name = ReadOnly\nendpoint_url = http://127.0.0.1\n",
        signed_in.start_url, signed_in.region
    );
    private_file::PrivateFile::at(home.join(".aws/config")).replace(config.as_bytes()).unwrap();
    let environment = Environment::from_pairs([("HOME", home.to_str().unwrap())]);
    let locations = Locations::from_env(&environment).unwrap();
    let session = providers::Session::legacy(&signed_in.start_url, &signed_in.region);
    let caches = providers::Caches::new(&locations, &environment, Program::named("x"));
    signed_in.sign_in(&caches.sso.file(&session.cache_key()));
    let transport = Arc::new(signed_in.emulator.clone());
    let credentials = retrieve(&environment, transport, "dev").await.unwrap();
    assert_eq!(credentials.account_id.as_deref(), Some("111122223333"));
    assert_eq!(signed_in.calls("GetRoleCredentials"), 1);
}
