//! `keyfob exec`

use std::ffi::{OsStr, OsString};
use std::path::is_separator;
use std::sync::Arc;

use providers::{Base, Cached};
use shared_config::{Environment, Sections};

use crate::args::Exec;
use crate::child::Signals;
use crate::child_config::ChildConfig;
use crate::credential_server::CredentialServer;
use crate::credentials::Access;
use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::paste::quote;
use crate::ui::talk;
use crate::variables::MARKER;
use crate::{child, fan_out, net, pick, variables};

/// Runs the command; returns its exit code where it did not take the place of this process.
pub(crate) fn run(arguments: Exec) -> Result<u8, Failure> {
    let world = World::capture()?;
    let (words, command) = arguments.words_and_command();
    if let Some(outer) = world.environment.get(MARKER) {
        let error = format!("this is inside `keyfob exec`, with the credentials of {outer}");
        let hint = format!("leave that shell, or begin anew with `env -u {MARKER} keyfob exec …`");
        return Err(Failure::usage(error).with_hint(hint));
    }
    if arguments.fan_out.is_meant() {
        return fan_out::run(&world, &arguments);
    }
    if words.is_empty() && !arguments.target.names_somebody() {
        check_dashes(command, &world)?;
    }
    let target = &arguments.target.completed(&words, &world)?;
    let identity = target.identity_or_provided(&world)?;
    let mut access = Access::new(&world, &identity, target, arguments.sign_in)?;
    let credentials = access.credentials()?;
    if !words.is_empty() {
        talk(&format!("With the credentials of {}:", target.name()));
    } else if !target.says_something() {
        match identity.base {
            Base::WebIdentity(_) => talk("With the web identity of the environment:"),
            Base::Container => talk("With the credentials of the container:"),
            _ => {} // of a profile or a role, which the environment names
        }
    }

    let region = match &arguments.region {
        Some(region) => Some(region.as_str()),
        None => target.region(&identity, &world)?,
    };
    let first = command.first().and_then(|word| word.to_str());
    let mut command = child::command(command.to_vec(), shell(&world.environment));
    variables::lead(&mut command, &target.name(), region);
    if !arguments.server {
        variables::give(&mut command, &credentials);
        return child::replace(command).map_err(|failure| with_profile(failure, &world, first));
    }
    // A person who works in the child cannot be asked in between: what needs one fails then.
    let provider = access.provider_that_asks_nobody()?;
    let provider =
        Cached::new(provider, Arc::clone(access.context.clock())).with_credentials(credentials);
    net::run_to_end(async {
        // Before anything is there that a signal would leave behind.
        let signals = Signals::caught()?;
        let config = ChildConfig::write(&world, target.session.profile.as_deref())?;
        let server = CredentialServer::start(provider)?;
        command.envs(config.variables()).envs(server.variables());
        command.envs(variables::of_no_proxy(&world.environment));
        child::run_beside(command, signals, server.serve()).await
    })
}

/// Fails where a command begins with the words that name somebody, and is no program: `--` is missing.
fn check_dashes(command: &[OsString], world: &World) -> Result<(), Failure> {
    let words = command.iter().map_while(|word| word.to_str());
    let words: Vec<&str> = words.take_while(|word| !word.starts_with('-')).collect();
    let Some(first) = words.first().filter(|first| !first.contains(is_separator)) else {
        return Ok(());
    };
    if !world.programs(first).is_empty() {
        return Ok(());
    }
    let (names, rest) = command.split_at(pick::naming(&words, world)?);
    if names.is_empty() {
        return Ok(());
    }
    let quoted = |word: &OsString| quote(&word.to_string_lossy());
    let mut parts: Vec<String> = names.iter().map(quoted).collect();
    parts.push("--".to_owned());
    let hint = if rest.first().is_some_and(|word| word.to_string_lossy().starts_with('-')) {
        format!("options stand before the words: `keyfob exec OPTION... {} ...`", parts.join(" "))
    } else {
        parts.extend(rest.iter().map(quoted));
        format!("did you mean `keyfob exec {}`?", parts.join(" "))
    };
    let error = format!("there is no program `{first}`");
    Err(Failure::new(Exit::NotFound, error).with_hint(hint))
}

/// Tells who wrote the name of a profile where the command stands how it is meant.
fn with_profile(failure: Failure, world: &World, command: Option<&str>) -> Failure {
    let is_profile = |name: &&str| {
        let files = world.files().ok();
        files.is_some_and(|files| Sections::parse(&files).any_profile(name).is_ok())
    };
    match command.filter(|_| failure.exit == Exit::NotFound).filter(is_profile) {
        Some(name) => {
            let name = quote(name);
            failure.with_hint(format!("did you mean `keyfob exec --profile {name}`?"))
        }
        None => failure,
    }
}

fn shell(environment: &Environment) -> &OsStr {
    let (variable, default) =
        if cfg!(windows) { ("COMSPEC", "cmd.exe") } else { ("SHELL", "/bin/sh") };
    environment.get_os(variable).unwrap_or_else(|| OsStr::new(default))
}
