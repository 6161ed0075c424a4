//! `keyfob demo`: the main job on an Identity Center of its own, told step by step.

use std::fs;
use std::io::{IsTerminal, stderr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use assignments::{AssignedAccount, Listing, Request};
use emulator::{Idp, Scenario, Server, ServerOptions};
use login::{Browser, Page, Ui};
use providers::{Context, Credentials, Error, Service, Target, process_output, resolve_in};
use shared_config::{Environment, Sections};
use sts_proto::{GetCallerIdentity, SigningKeys};
use token_cache::Flow;

use crate::args::{self, SessionArgs};
use crate::commands::emulator::{start, variables};
use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::log::StderrLog;
use crate::net;
use crate::paste::quote;
use crate::sessions;
use crate::sign_in::{login, sign_in};
use crate::ui::{Terminal, print, say, talk};

/// How long a person has before the demo signs in by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// The whole demo, without the person and without `--keep`.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) fn run(arguments: &args::Demo) -> Result<(), Failure> {
    let scenario = Scenario::default();
    let config = config(&scenario);
    let server = start(Idp::new(scenario), ServerOptions::default())?;
    // Everything that the demo writes is in here, and goes with it.
    let home = tempfile::Builder::new().prefix("keyfob-demo-").tempdir().map_err(io_failure)?;
    let aws = home.path().join(".aws");
    fs::create_dir(&aws).map_err(io_failure)?;
    let config_file = aws.join("config");
    #[expect(clippy::disallowed_methods, reason = "a new file in a directory of our own")]
    fs::write(&config_file, &config).map_err(io_failure)?;

    let mut settings = vec![
        ("HOME", home.path().display().to_string()),
        ("AWS_CONFIG_FILE", config_file.display().to_string()),
    ];
    settings.extend(variables(&server, None));
    let outer = World::capture_environment();
    let browser = browser(arguments, &outer);
    let pairs = settings.iter().map(|(name, value)| (*name, value.as_str()));
    let world = World::new(Environment::from_pairs(pairs))?;

    talk(&format!(
        "An Identity Center of its own is up at {}. AWS and your ~/.aws are not touched.\n\
         This is the config file:\n\n{}",
        server.base_url(),
        indent(&config)
    ));
    let limit = if browser.is_some() { LIMIT + PATIENCE } else { LIMIT };
    let credentials = net::run(Some(limit), story(&world, &server, browser))?;
    print(process_output(&credentials).expose())?;
    if arguments.keep { keep(&settings) } else { Ok(()) }
}

async fn story(
    world: &World,
    server: &Server,
    browser: Option<Browser>,
) -> Result<Credentials, Failure> {
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let target = Target::profile("demo");
    let identity = resolve_in(&sections, &world.environment, &target)?;
    let context = net::context(world, &identity.network, Arc::new(StderrLog::default()))?;

    step("1. Sign in, once", "keyfob login --sso-session demo");
    let which = SessionArgs { sso_session: Some("demo".to_owned()), ..SessionArgs::default() };
    let configured = sessions::chosen(&sections, &world.environment, &which)?;
    let reason = if browser.is_some() { "there is a terminal" } else { "the demo approves itself" };
    let ui =
        Visitor { terminal: Terminal { browser }, idp: server.idp(), context: context.clone() };
    let choice = login::Choice::new(Flow::AuthorizationCode, reason);
    sign_in(&login(&configured, &context, &ui), choice).await?;

    talk("\n2. What may this person do? (ListAccounts, ListAccountRoles)\n");
    let everything = Request::all();
    let listing = Listing::new(&context, &configured.session);
    for assigned in listing.list(&everything, &mut |_| {}).await? {
        let AssignedAccount { account_id, account_name, .. } = &assigned.account;
        let name = account_name.as_deref().unwrap_or_default();
        talk(&format!("   {account_id}  {name:<12}  {}", assigned.role_names().join(", ")));
    }

    step("3. Trade the sign-in for credentials", "keyfob credential-process --profile demo");
    let credentials = identity.provider(&context)?.provide().await?;
    let end = credentials.expiration.map(|end| end.to_string()).unwrap_or_default();
    talk(&format!("   {} until {end}", credentials.access_key_id));

    step("4. Use them (GetCallerIdentity)", "aws sts get-caller-identity --profile demo");
    let arn = caller(&context, &configured.session.region, &credentials).await?;
    talk(&format!("   {arn}\n"));
    talk("What a tool reads on stdout when it runs `keyfob credential-process --profile demo`:\n");
    Ok(credentials)
}

/// Signs in for the person: at once where nobody is there, after a while where nobody answers.
struct Visitor {
    terminal: Terminal,
    idp: Arc<Mutex<Idp>>,
    context: Context,
}

impl Ui for Visitor {
    fn show(&self, page: &Page<'_>) {
        self.terminal.show(page);
        let Page::AuthorizationCode { url, .. } = page else { return };
        let patience = if self.terminal.browser.is_some() {
            talk(&format!("(the demo goes on by itself in {} s)", PATIENCE.as_secs()));
            PATIENCE
        } else {
            Duration::ZERO
        };
        let (url, idp, context) = ((*url).to_owned(), Arc::clone(&self.idp), self.context.clone());
        net::spawn(async move {
            context.clock().sleep(patience).await;
            let redirect = idp
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .approve_authorization(context.clock().now(), &url);
            // Nothing to approve means that the person was faster.
            if let Ok(redirect) = redirect
                && let Ok(request) = http::Request::get(redirect).body(Vec::new())
            {
                let _ = context.send("the page", request).await;
            }
        });
    }
}

async fn caller(
    context: &Context,
    region: &str,
    credentials: &Credentials,
) -> Result<String, Failure> {
    let request = GetCallerIdentity {
        keys: SigningKeys {
            access_key_id: &credentials.access_key_id,
            secret_access_key: &credentials.secret_access_key,
            session_token: credentials.session_token.as_ref(),
        },
        region,
        now: context.clock().now(),
    };
    let endpoint = context.endpoints().of(Service::Sts, region).map_err(Failure::usage)?;
    let called = context.call(&request, &endpoint).await;
    Ok(called.map_err(|source| Error::call("GetCallerIdentity", &endpoint, source))?.arn)
}

/// Stays up, so that other tools can be tried.
fn keep(settings: &[(&'static str, String)]) -> Result<(), Failure> {
    say(
        "\nIn another terminal, boto3, the AWS CLI from 2.13 on and other tools work against it with\n",
    );
    for (name, value) in settings {
        say(&format!("  export {name}={}", quote(value)));
    }
    say("  export AWS_PROFILE=demo\n\nCtrl-C ends the demo and removes its files.");
    net::stay()
}

/// A browser is opened for a person at a terminal who has one.
fn browser(arguments: &args::Demo, outer: &Environment) -> Option<Browser> {
    Browser::of(outer).filter(|_| stderr().is_terminal() && !arguments.no_browser)
}

fn config(scenario: &Scenario) -> String {
    let start_url = scenario.start_urls.first().map_or("", String::as_str);
    let region = &scenario.region;
    let account = scenario.accounts.first();
    let account_id = account.map_or("", |account| &account.id);
    let role = account.and_then(|account| account.roles.first()).map_or("", String::as_str);
    format!(
        "[sso-session demo]\n\
         sso_start_url = {start_url}\n\
         sso_region = {region}\n\
         \n\
         [profile demo]\n\
         sso_session = demo\n\
         sso_account_id = {account_id}\n\
         sso_role_name = {role}\n\
         region = {region}\n"
    )
}

fn step(title: &str, command: &str) {
    talk(&format!("\n{title}\n\n   $ {command}\n"));
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("   {line}").trim_end().to_owned() + "\n").collect()
}

fn io_failure(error: std::io::Error) -> Failure {
    Failure::new(Exit::Other, format!("cannot make a directory for the demo: {error}"))
        .with_hint("set TMPDIR to a directory that can be written to")
}
