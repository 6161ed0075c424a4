//! `keyfob status`: what the files say, without network.

mod line;
mod state;

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use shared_config::Sections;
use wire::SystemTimes;

use crate::args::{self, Output, SessionArgs};
use crate::env::World;
use crate::exit::{Exit, Failure, printable};
use crate::log::StderrLog;
use crate::net;
use crate::owners::is_writable;
use crate::paste::login_command;
use crate::sessions;
use crate::ui::{self, json_document, print, say, talk, until};
pub(crate) use line::COLUMNS;
use line::lines;
use state::{State, state};

/// How often `--watch` looks.
const LOOK: Duration = Duration::from_secs(2);

/// Shows the sessions; returns the exit code, which is 1 where `--check` finds nobody signed in.
pub(crate) fn run(arguments: &args::Status) -> Result<u8, Failure> {
    arguments.table.only_where(arguments.output == Output::Text)?;
    if arguments.check {
        ui::be_quiet();
    }
    let watched = net::run(None, async {
        if !arguments.watch {
            return show(arguments).await;
        }
        loop {
            print(b"\x1b[H\x1b[2J")?;
            show(arguments).await?;
            net::within(LOOK, pending::<()>()).await;
        }
    });
    match watched {
        Ok(()) => Ok(0),
        Err(failure) if arguments.watch && failure.exit == Exit::Interrupted => Ok(0),
        // The code says it all to a script.
        Err(failure) if arguments.check && failure.exit == Exit::LoginNeeded => {
            ui::note(&failure.sentence());
            Ok(failure.exit as u8)
        }
        Err(failure) => Err(failure),
    }
}

async fn show(arguments: &args::Status) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let args::Named { name, session } = &arguments.named;
    let is_said = name.is_some() || *session != SessionArgs::default();
    let said = match is_said || arguments.check {
        true => arguments.named.completed(&sections, &world)?,
        false => SessionArgs::default(), // all of them
    };
    let is_named = said != SessionArgs::default();
    let (configured, problems) = if is_named {
        (vec![sessions::chosen(&sections, &world.environment, &said)?], Vec::new())
    } else {
        let (mut all, problems) = sessions::all(&sections);
        all.extend(sessions::not_configured(&world, &all));
        (all, problems)
    };
    let mut warnings = problems;
    let context = net::offline(&world, Arc::new(StderrLog::default()), "it is not asked");
    let mut states = Vec::new();
    for configured in configured {
        states.push(state(&world, configured, &context, &mut warnings).await);
    }
    if arguments.check {
        return check(states, arguments.min_ttl.unwrap_or_default());
    }
    // `credential-process` keeps this to itself.
    let cache = &world.locations.cli_cache;
    if cache.is_dir() && !is_writable(cache) {
        let path = cache.display();
        warnings.push(format!("{path} cannot be written: credentials are fetched at each call"));
    }
    for warning in warnings {
        say(&format!("warning: {warning}"));
    }
    let now = SystemTimes.now();
    match arguments.output {
        Output::Json => {
            let sessions: Vec<Value> = states.iter().map(|state| state.json(now)).collect();
            print(json_document(&json!({ "sessions": sessions })).as_bytes())
        }
        Output::Text if states.is_empty() => {
            say("The config file has no sso-session and no legacy start URL; \
                 run `keyfob configure sso` to add one.");
            Ok(())
        }
        Output::Text if arguments.long || is_said && !arguments.table.is_said() => {
            let texts: Vec<String> = states.iter().map(|state| state.text(now)).collect();
            print(printable(&texts.join("\n")).as_bytes())
        }
        Output::Text => {
            print(lines(&states, now, arguments).as_bytes())?;
            let signed_out = states.iter().filter(|state| state.is_signed_in() == Some(false));
            for State { session, .. } in signed_out {
                talk(&format!("Sign in to `{session}` with `{}`.", login_command(session)));
            }
            Ok(())
        }
    }
}

/// Fails where one of the sessions is of no use, or will not be for so long.
fn check(states: Vec<State>, min_ttl: Duration) -> Result<(), Failure> {
    if states.is_empty() {
        return Err(Failure::new(Exit::LoginNeeded, "there is no session")
            .with_hint("run `keyfob configure sso` to add one"));
    }
    let now = SystemTimes.now();
    for State { session, known, .. } in states {
        if let Some(problem) = known.problem {
            return Err(problem.into());
        }
        let Some(token) = known.token else { continue };
        let end = match token.registration_expires_at {
            _ if !token.is_refreshable(now) => Some(token.expires_at),
            end => end, // what ends a session before that is not in any file
        };
        if let Some(end) = end.filter(|end| now.until(*end) < min_ttl) {
            let end = until(now, end);
            return Err(Failure::new(
                Exit::LoginNeeded,
                format!("the sign-in to `{session}` is good until {end}"),
            )
            .with_hint(format!("run `{}`", login_command(&session))));
        }
    }
    Ok(())
}
