//! `keyfob credential-process`: the command that people run hundreds of times a day.
//!
//! Its warm path reads the configuration and one cache file, and starts no runtime and no thread.

use std::sync::Arc;
use std::time::Duration;

use providers::{Log, NoLog, process_output, time_left};
use wire::SystemTimes;

use crate::args::CredentialProcess;
use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::log::{Both, FileLog, StderrLog};
use crate::paste::quote;
use crate::{net, pick, ui};

/// Below the minute after which Go's SDK kills a `credential_process`.
const LIMIT: Duration = Duration::from_secs(44);

pub(crate) fn run(mut arguments: CredentialProcess) -> Result<(), Failure> {
    let world = World::capture()?;
    let log = log(&arguments, &world);
    log.debug(concat!("keyfob ", env!("CARGO_PKG_VERSION"), " credential-process"));
    if let Some(region) = arguments.region.take() {
        arguments.target.session.sso_region = Some(region); // the two exclude each other
    }
    let result = provide(&arguments, &world, &log);
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
    let target = &arguments.target;
    let identity = target.identity(world).map_err(|failure| match pick::of_environment(world) {
        Ok(Some(name)) if !target.says_something() => {
            let profile = quote(name);
            failure.with_hint(format!("AWS_PROFILE is not read here: add `--profile {profile}`"))
        }
        _ => failure,
    })?;
    if !target.force_refresh
        && let Some(cached) = identity.probe(&world.caches(), SystemTimes.now())
    {
        log.debug("served from the cache");
        return Ok(process_output(&cached));
    }
    let limit = time_left(&world.environment).map_or(LIMIT, |left| left.min(LIMIT));
    let patience = limit / 10 * 9; // so that time is left to say who was waited for in vain
    let context = net::context(world, &identity.network, Arc::clone(log))?.with_patience(patience);
    let provider = identity.provider_with(&context, &target.options(None)?)?;
    let provide = async { provider.provide().await.map_err(|error| target.failure(error)) };
    let credentials = net::run(Some(limit), provide)?;
    if let Some(end) = credentials.expiration.filter(|end| *end <= SystemTimes.now()) {
        // The program that asked would take them for expired, and ask again and again.
        let error = format!("the credentials end at {end}, past by the clock of this machine");
        return Err(Failure::new(Exit::Other, error).with_hint("set the clock right"));
    }
    Ok(process_output(&credentials))
}

/// Opens the logs that are asked for. A file that cannot be opened keeps credentials from nobody.
fn log(arguments: &CredentialProcess, world: &World) -> Arc<dyn Log> {
    let asked = world.environment.get("AWS_SSO_CREDENTIAL_PROCESS_DEBUG");
    let asked = asked.is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"));
    let path = || world.locations.home.join(".aws/sso/keyfob-credential-process-log.txt");
    let file = match arguments.debug > 0 || asked {
        true => FileLog::create(&path()).ok(),
        false => None,
    };
    let file: Arc<dyn Log> = match file {
        Some(file) => Arc::new(file),
        None => Arc::new(NoLog),
    };
    match ui::is_verbose() {
        true => Arc::new(Both(file, Arc::new(StderrLog::default()))),
        false => file,
    }
}
