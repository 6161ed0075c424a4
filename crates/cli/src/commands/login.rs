//! `keyfob login`

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Duration;

use login::{Browser, choose};
use providers::{Identity, Target, resolve_in};
use shared_config::Sections;
use wire::SystemTimes;

use crate::args::SessionArgs;
use crate::credentials::Access;
use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::log::StderrLog;
use crate::sessions;
use crate::sign_in::{Outcome, login, sign_in};
use crate::ui::{Terminal, say, talk, until};
use crate::{args, net};

pub(crate) fn run(arguments: &args::Login) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    if arguments.all {
        return sign_in_to_all(arguments, &world, &sections);
    }
    let said = arguments.named.completed(&sections, &world)?;
    sign_in_to(&said, arguments, &world, &sections)
}

/// Signs in to one session after the other, also where one of them fails.
fn sign_in_to_all(
    arguments: &args::Login,
    world: &World,
    sections: &Sections<'_>,
) -> Result<(), Failure> {
    let (configured, problems) = sessions::all(sections);
    problems.iter().for_each(|problem| say(&format!("warning: {problem}")));
    let mut result = Ok(());
    for sessions::Configured { session, .. } in configured {
        match sign_in_to(&SessionArgs::from(&session), arguments, world, sections) {
            Err(failure) if failure.exit.is_of_a_signal() => return Err(failure),
            Err(failure) if result.is_err() => say(&format!("warning: {}", failure.sentence())),
            Err(failure) => result = Err(failure),
            Ok(()) => {}
        }
    }
    result
}

fn sign_in_to(
    said: &SessionArgs,
    arguments: &args::Login,
    world: &World,
    sections: &Sections<'_>,
) -> Result<(), Failure> {
    let name = said.profile.as_deref();
    let identity = name.map(|name| {
        let target = Target::profile(name);
        (name, resolve_in(sections, &world.environment, &target))
    });
    // What is wrong with a profile is told where its session is looked for.
    let with_code = identity.and_then(|(name, identity)| Some((name, identity.ok()?)));
    let with_code = with_code.filter(|(_, identity)| needs_code(identity));
    if let Some((name, identity)) = &with_code
        && identity.session().is_none()
    {
        return assume_roles(world, identity, name);
    }
    let configured = sessions::chosen(sections, &world.environment, said)?;
    let network = said.network(sections, world)?;
    let limit = Duration::from_secs(arguments.timeout);
    let context = net::context(world, &network, Arc::new(StderrLog::default()))?;
    let context = context.with_patience(limit);
    let browser = Browser::of(&world.environment).filter(|_| !arguments.no_browser);
    let ui = Terminal { browser };
    let login = login(&configured, &context, &ui);
    let choice = choose(&configured.session, arguments.device_code, &world.environment);

    let outcome = Outcome::of(world, &configured.session);
    // Held until those who wait can read how it ended.
    let alone = OnceCell::new();
    let work = async {
        if !arguments.if_needed {
            return sign_in(&login, choice).await.map(drop);
        }
        let before = outcome.load();
        let _ = alone.set(outcome.alone(&context, &configured.session).await?); // once
        if let Some(end) = login.spared_until().await {
            let end = until(SystemTimes.now(), end);
            talk(&format!("Signed in to `{}`; access token until {end}.", configured.session));
            return Ok(());
        }
        if let Some(failure) = outcome.load().filter(|after| before.as_ref() != Some(after)) {
            // The one that all waited for: a second page would meet the same person.
            return Err(Failure::new(Exit::Login, failure.text));
        }
        sign_in(&login, choice).await.map(drop)
    };
    let result = net::run(Some(limit), work).map_err(|failure| match failure.exit {
        Exit::Other => Failure { exit: Exit::Login, ..failure },
        _ => failure,
    });
    if let (Err(failure), Some(_)) = (&result, alone.get())
        && failure.exit == Exit::Login
    {
        outcome.store(failure);
    }
    drop(alone);
    result?;
    match &with_code {
        Some((name, identity)) => assume_roles(world, identity, name),
        None => Ok(()),
    }
}

/// Whether a role needs an MFA code.
fn needs_code(identity: &Identity) -> bool {
    identity.hops.iter().any(|hop| hop.mfa_serial.is_some())
}

/// Assumes the roles of a profile, which asks for the MFA codes that they need, so that
/// `credential-process` finds them.
fn assume_roles(world: &World, identity: &Identity, name: &str) -> Result<(), Failure> {
    let session = SessionArgs { profile: Some(name.to_owned()), ..Default::default() };
    let target = args::Target { session, ..args::Target::default() };
    let no_second_sign_in = args::SignIn { login: false, no_login: true };
    let mut access = Access::new(world, identity, &target, no_second_sign_in)?;
    let credentials = access.credentials()?;
    if let Some(end) = credentials.expiration {
        talk(&format!("The role of `{name}` is assumed until {}.", until(SystemTimes.now(), end)));
    }
    Ok(())
}
