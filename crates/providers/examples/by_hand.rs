//! Credentials of a role without a profile: `by_hand START_URL REGION ACCOUNT ROLE`.
//!
//! The counterpart of the second program in the package documentation of Go's `ssocreds`, with the
//! credentials kept in memory until five minutes before they expire.

use std::sync::Arc;
use std::time::Duration;

use providers::{
    Cached, Context, Credentials, Error, Program, ProvideCredentials, Role, Session, SsoRole,
    SsoToken,
};
use shared_config::Environment;
use transport::{Config, Hyper, TokioClock};

const PROGRAM: Program = Program::named("by-hand");

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program of its own")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [start_url, region, account_id, role_name] = arguments.as_slice() else {
        return Err("usage: by_hand START_URL REGION ACCOUNT ROLE".into());
    };
    let environment = Environment::new(std::env::vars_os());
    let transport = Arc::new(Hyper::new(Config::default()));
    let context = Context::from_env(PROGRAM, &environment, Arc::new(TokioClock), transport)?;
    let session = Session::legacy(start_url, region);
    println!("{:?}", retrieve(context, session, Role { account_id, role_name }).await?);
    Ok(())
}

async fn retrieve(
    context: Context,
    session: Session,
    role: Role<'_>,
) -> Result<Credentials, Error> {
    let clock = Arc::clone(context.clock());
    let provider = Cached::new(SsoRole::new(SsoToken::new(context, session), role), clock)
        .with_expiry_window(Duration::from_secs(5 * 60));
    provider.provide().await?;
    provider.provide().await // of the first call
}

#[test]
fn it_retrieves_credentials_once() {
    use test_support::{SignedIn, block_on};
    let signed_in = SignedIn::with(emulator::Scenario::default());
    let caches = providers::Caches::below(signed_in.home.path());
    let transport = Arc::new(signed_in.emulator.clone());
    let context = Context::new(PROGRAM, signed_in.clock.clone(), transport, caches.clone())
        .with_endpoints(providers::Endpoints::all_at("http://127.0.0.1"));
    let session = Session::legacy(&signed_in.start_url, &signed_in.region);
    let role = Role { account_id: "111122223333", role_name: "ReadOnly" };
    let error = block_on(retrieve(context.clone(), session.clone(), role)).unwrap_err();
    assert!(error.to_string().contains("not signed in"), "{error}");
    signed_in.sign_in(&caches.sso.file(&session.cache_key()));
    block_on(retrieve(context, session, role)).unwrap();
    assert_eq!(signed_in.calls("GetRoleCredentials"), 1);
}
