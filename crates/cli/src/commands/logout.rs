//! `keyfob logout`

use std::sync::Arc;
use std::time::Duration;

use providers::{Context, Service, Session, cached_files};
use shared_config::Sections;
use sso_proto::Logout;
use token_cache::{CacheFile, CachedRole, SsoToken};
use wire::Secret;

use crate::args;
use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::log::StderrLog;
use crate::net;
use crate::sessions::{self, Configured};
use crate::ui::say;

/// How long the server may take; here everything is gone already.
const SERVER: Duration = Duration::from_secs(5);

pub(crate) fn run(arguments: &args::Logout) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let which = &arguments.which;
    let configured: Vec<_> = if arguments.all {
        let (configured, problems) = sessions::all(&sections);
        for problem in problems {
            say(&format!("warning: {problem}"));
        }
        let others = sessions::not_configured(&world, &configured);
        configured.into_iter().chain(others).collect()
    } else {
        vec![sessions::chosen(&sections, which).map_err(|failure| match failure.hint {
            None => failure.with_hint("`keyfob logout --all` forgets every role that was assumed"),
            Some(_) => failure,
        })?]
    };
    if configured.is_empty() {
        say("There is no session to sign out of.");
    }
    let mut tokens = Vec::new();
    for Configured { session, roles } in &configured {
        // Local files first: a server that does not answer must not keep a token on the disk.
        let token = forget_token(&world, session)?;
        for file in cached_files(session, roles, &world.caches()) {
            remove(&file)?;
        }
        match token {
            Some(token) => tokens.push((session, token)),
            None => say(&format!("Not signed in to `{session}`.")),
        }
    }
    if arguments.all {
        forget_all_roles(&world)?;
    }
    let profile = which.profile.as_deref().map(|name| sections.profile(name)).transpose()?;
    let context =
        net::context(&world.environment, profile.as_ref(), Arc::new(StderrLog::default()));
    for (session, token) in tokens {
        match net::run(Some(SERVER), end_session(&context, session, &token)) {
            Ok(()) => say(&format!("Signed out of `{session}`.")),
            Err(failure) if failure.exit == Exit::Interrupted => return Err(failure),
            Err(failure) => {
                say(&format!("Signed out of `{session}` here."));
                say(&format!("warning: the server was not told: {}", failure.line().trim_end()));
            }
        }
    }
    Ok(())
}

/// Removes the token of a session; returns it where it can be read.
fn forget_token(world: &World, session: &Session) -> Result<Option<SsoToken>, Failure> {
    let file = world.sso_cache().file(&session.cache_key());
    let bytes = file.load().ok().flatten().map(Secret::new);
    let token = bytes.and_then(|bytes| SsoToken::from_slice(bytes.expose()).ok());
    if token.as_ref().is_some_and(|token| !token.belongs_to(&session.start_url)) {
        return Ok(None); // the session of another config file, under the same name
    }
    remove(&file)?;
    Ok(token)
}

/// Removes the credentials and listings of every session, also of those that the configuration no
/// longer has, and of every role that was assumed.
fn forget_all_roles(world: &World) -> Result<(), Failure> {
    let caches = world.caches();
    for directory in [caches.assumed_roles, caches.listings] {
        for file in directory.files().unwrap_or_default() {
            remove(&file)?;
        }
    }
    for file in world.cli_cache().files().unwrap_or_default() {
        let bytes = file.load().ok().flatten().map(Secret::new);
        if bytes.is_some_and(|bytes| CachedRole::from_slice(bytes.expose()).is_ok()) {
            remove(&file)?;
        }
    }
    Ok(())
}

fn remove(file: &CacheFile) -> Result<(), Failure> {
    file.remove().map(drop).map_err(|error| {
        let path = file.path().display();
        Failure::new(Exit::Other, format!("cannot remove {path}: {error}"))
            .with_hint("make the directory writable and run the same command again")
    })
}

async fn end_session(
    context: &Context,
    session: &Session,
    token: &SsoToken,
) -> Result<(), Failure> {
    let region = token.region.as_deref().unwrap_or(&session.region);
    let endpoint = context.endpoints.of(Service::Sso, region).map_err(Failure::usage)?;
    let operation = Logout { access_token: &token.access_token };
    match wire::call(&operation, &endpoint, &*context.transport).await {
        // A session that has ended already is what was asked for.
        Err(error) if error.service().is_some_and(|error| error.status == 401) => Ok(()),
        result => result.map_err(|error| Failure::new(Exit::Other, error)),
    }
}
