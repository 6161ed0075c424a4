//! `keyfob credential-process`: the command that people run hundreds of times a day.
//!
//! Its warm path reads the configuration and one cache file, and starts no runtime and no thread.

use std::sync::Arc;
use std::time::Duration;

use providers::{
    Base, Clock, Log, NoLog, Plan, ProvideCredentials, Role, Session, SsoPlan, SsoRole, SsoToken,
    plan, probe, process_output,
};
use shared_config::{Environment, Profile, Sections};

use crate::args::CredentialProcess;
use crate::env::{SystemClock, World};
use crate::exit::Failure;
use crate::log::FileLog;
use crate::{net, ui};

/// Below the minute after which Go's SDK kills a `credential_process`.
const LIMIT: Duration = Duration::from_secs(44);

/// How long another process is waited for, so that time is left to say so.
const WAIT: Duration = Duration::from_secs(40);

/// The role that is meant, and the session that it is fetched with.
struct Target {
    session: Session,
    account_id: String,
    role_name: String,
}

pub(crate) fn run(arguments: &CredentialProcess) -> Result<(), Failure> {
    let world = World::capture()?;
    let log = log(arguments, &world);
    log.debug(concat!("keyfob ", env!("CARGO_PKG_VERSION"), " credential-process"));
    let result = provide(arguments, &world, &log);
    if let Err(failure) = &result {
        log.warn(failure.line().trim_end());
    }
    ui::print(result?.expose())
}

fn provide(
    arguments: &CredentialProcess,
    world: &World,
    log: &Arc<dyn Log>,
) -> Result<wire::Secret<Vec<u8>>, Failure> {
    let files = world.files()?;
    let sections = match &arguments.profile {
        Some(name) => {
            let alone = Sections::for_profile(&files, name);
            let has_source = alone.profile(name)?.get("source_profile").is_some();
            if has_source { Sections::parse(&files) } else { alone }
        }
        None => Sections::parse_if(&files, |header| {
            header.kind == shared_config::SectionKind::SsoSession
        }),
    };
    let profile = arguments.profile.as_deref().map(|name| sections.profile(name)).transpose()?;
    let target = target(arguments, &world.environment, &sections, profile.as_ref())?;
    log.debug(&format!(
        "role {} in account {} of session {}",
        target.role_name, target.account_id, target.session
    ));
    let cli_cache = world.cli_cache();
    if !arguments.force_refresh
        && let Some(cached) = probe(&target.session, target.role(), &cli_cache, SystemClock.now())
    {
        log.debug("served from the cache");
        return Ok(process_output(&cached));
    }
    let mut context = net::context(&world.environment, profile.as_ref(), Arc::clone(log));
    context.deadline = Some(SystemClock.now() + WAIT);
    let token = SsoToken::new(context, target.session.clone(), &world.sso_cache());
    let role = SsoRole::new(token, target.role())
        .with_cli_cache(&cli_cache)
        .with_force_refresh(arguments.force_refresh);
    let credentials = net::run(Some(LIMIT), async { Ok(role.provide().await?) })?;
    Ok(process_output(&credentials))
}

impl Target {
    fn role(&self) -> Role<'_> {
        Role { account_id: &self.account_id, role_name: &self.role_name }
    }
}

/// Finds the role that is meant: flags win over the profile, the profile wins over the environment.
fn target(
    arguments: &CredentialProcess,
    environment: &Environment,
    sections: &Sections<'_>,
    profile: Option<&Profile<'_, '_>>,
) -> Result<Target, Failure> {
    let plan = profile.map(|profile| sso_plan(sections, profile)).transpose()?;
    let value = |flag: &Option<String>, planned: Option<&str>, variable: &str| {
        flag.as_deref().or(planned).or_else(|| environment.get(variable)).map(str::to_owned)
    };
    let account_id = value(
        &arguments.account_id,
        plan.as_ref().and_then(|plan| plan.account_id),
        "AWS_SSO_ACCOUNT_ID",
    );
    let role_name = value(
        &arguments.role_name,
        plan.as_ref().and_then(|plan| plan.role_name),
        "AWS_SSO_ROLE_NAME",
    );
    let session =
        session(arguments, environment, sections, plan.as_ref().map(|plan| &plan.session))?;
    match (session, account_id, role_name) {
        (Some(session), Some(account_id), Some(role_name)) => {
            Ok(Target { session, account_id, role_name })
        }
        (session, account_id, role_name) => {
            // The profile knows the line on which something is missing.
            if let Some(plan) = &plan {
                plan.role()?;
            }
            Err(missing(session.is_none(), account_id.is_none(), role_name.is_none()))
        }
    }
}

/// Returns the SSO role that a profile means; nothing else is provided yet.
fn sso_plan<'a>(
    sections: &Sections<'a>,
    profile: &Profile<'_, 'a>,
) -> Result<SsoPlan<'a>, Failure> {
    match plan(sections, profile.name())? {
        Plan { base: Base::Sso(sso), hops, .. } if hops.is_empty() => Ok(sso),
        plan => {
            let (place, name, kind) = (profile.place(""), profile.name(), plan.kind());
            let error = format!("{place}: profile `{name}` gets its credentials by {kind}");
            Err(Failure::usage(error).with_hint("keyfob provides SSO roles only"))
        }
    }
}

fn session(
    arguments: &CredentialProcess,
    environment: &Environment,
    sections: &Sections<'_>,
    planned: Option<&Session>,
) -> Result<Option<Session>, Failure> {
    if let Some(name) = &arguments.sso_session {
        return Ok(Some(Session::from(&sections.sso_session(name)?)));
    }
    if let (None, None, Some(planned)) = (&arguments.start_url, &arguments.sso_region, planned) {
        return Ok(Some(planned.clone()));
    }
    let start_url = arguments
        .start_url
        .as_deref()
        .or_else(|| planned.map(|session| session.start_url.as_str()))
        .or_else(|| environment.get("AWS_SSO_START_URL"));
    let region = arguments
        .sso_region
        .as_deref()
        .or_else(|| planned.map(|session| session.region.as_str()))
        .or_else(|| environment.get("AWS_SSO_REGION"));
    Ok(start_url.zip(region).map(|(start_url, region)| Session::legacy(start_url, region)))
}

fn missing(session: bool, account_id: bool, role_name: bool) -> Failure {
    let options = [
        (session, "--sso-session, or --start-url and --sso-region"),
        (account_id, "--account-id"),
        (role_name, "--role-name"),
    ];
    let missing: Vec<_> =
        options.iter().filter(|(is_missing, _)| *is_missing).map(|(_, option)| *option).collect();
    Failure::usage(format!("it is not said whose credentials: missing {}", missing.join("; ")))
        .with_hint("name a --profile that has them, or give the options")
}

/// Opens the log where it is asked for. One that cannot be opened keeps credentials from nobody.
fn log(arguments: &CredentialProcess, world: &World) -> Arc<dyn Log> {
    let asked = world.environment.get("AWS_SSO_CREDENTIAL_PROCESS_DEBUG");
    let asked = asked.is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"));
    if arguments.debug > 0 || asked {
        let path = world.locations.home.join(".aws/sso/keyfob-credential-process-log.txt");
        if let Ok(log) = FileLog::create(&path) {
            return Arc::new(log);
        }
    }
    Arc::new(NoLog)
}
