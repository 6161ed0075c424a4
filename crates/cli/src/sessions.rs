//! The sessions of the configuration, and the one that a command means.

use providers::{Role, Session, resolve_session};
use shared_config::{Environment, Sections};

use token_cache::CachedToken;
use wire::Secret;

use crate::args::SessionArgs;
use crate::env::World;
use crate::exit::Failure;

/// A session, and the roles that profiles use with it.
pub(crate) struct Configured<'s> {
    pub(crate) session: Session,
    pub(crate) roles: Vec<Role<'s>>,
}

/// Returns every sso-session and every legacy start URL, with the problems that hide some.
pub(crate) fn all<'s>(sections: &'s Sections<'_>) -> (Vec<Configured<'s>>, Vec<String>) {
    let mut configured: Vec<Configured<'s>> = Vec::new();
    let mut problems = Vec::new();
    for section in sections.sso_sessions() {
        match sections.sso_session(section.name()) {
            Ok(session) => {
                configured.push(Configured { session: (&session).into(), roles: Vec::new() });
            }
            Err(error) => problems.push(error.to_string()),
        }
    }
    for section in sections.profiles() {
        let settings = match sections.profile(section.name()).and_then(|profile| profile.sso()) {
            Ok(Some(settings)) => settings,
            Ok(None) => continue,
            Err(error) => {
                problems.push(error.to_string());
                continue;
            }
        };
        let session = Session::from(&settings);
        let same = |other: &&mut Configured<'_>| {
            other.session.key() == session.key() && other.session.region == session.region
        };
        let role = match (settings.account_id, settings.role_name) {
            (Some(account_id), Some(role_name)) => Some(Role { account_id, role_name }),
            _ => None,
        };
        match configured.iter_mut().find(same) {
            Some(known) => known.roles.extend(role),
            None => configured.push(Configured { session, roles: role.into_iter().collect() }),
        }
    }
    (configured, problems)
}

/// Returns the start URLs that somebody is signed in to although the configuration lacks them.
pub(crate) fn not_configured(
    world: &World,
    configured: &[Configured<'_>],
) -> Vec<Configured<'static>> {
    let cache = world.caches().sso;
    let files = cache.files().unwrap_or_default().into_iter();
    let sessions = files.filter_map(|file| {
        let bytes = Secret::new(file.load().ok()??);
        let token = CachedToken::read(bytes.expose()).ok()?;
        let session = Session::legacy(&token.start_url?, &token.region?);
        let is_own = file == cache.file(&session.cache_key());
        let is_known = configured.iter().any(|known| known.session.key() == session.key());
        (is_own && !is_known).then(|| session.into())
    });
    sessions.collect()
}

/// Returns the session that was asked for, or else the only one there is.
pub(crate) fn chosen<'s>(
    sections: &'s Sections<'_>,
    environment: &Environment,
    said: &SessionArgs,
) -> Result<Configured<'s>, Failure> {
    let session = if *said == SessionArgs::default() {
        only(sections)?
    } else {
        let session = resolve_session(sections, environment, &said.said());
        let known = |failure| match &said.sso_session {
            Some(_) => with_known(failure, "sso-sessions", names_of_sessions(sections)),
            None => failure,
        };
        session.map_err(|error| known(Failure::from(error)))?
    };
    let (configured, _) = all(sections);
    let same = |other: &Configured<'_>| {
        other.session.key() == session.key() && other.session.region == session.region
    };
    let known = configured.into_iter().find(same);
    Ok(known.unwrap_or_else(|| session.into()))
}

fn only(sections: &Sections<'_>) -> Result<Session, Failure> {
    let names = names_of_sessions(sections);
    match names.as_slice() {
        [] => Err(Failure::usage("the config file has no sso-session").with_hint(
            "run `keyfob configure sso-session NAME` to add one, or give --start-url and \
             --sso-region",
        )),
        [name] => Ok(Session::from(&sections.sso_session(name)?)),
        names => Err(Failure::usage("there are several sso-sessions")
            .with_hint(format!("name one with --sso-session: {}", names.join(", ")))),
    }
}

fn names_of_sessions<'s>(sections: &'s Sections<'_>) -> Vec<&'s str> {
    sections.sso_sessions().map(|section| section.name()).collect()
}

fn with_known(failure: Failure, what: &str, names: Vec<&str>) -> Failure {
    if names.is_empty() {
        failure
    } else {
        failure.with_hint(format!("{what}: {}", names.join(", ")))
    }
}

impl From<Session> for Configured<'_> {
    fn from(session: Session) -> Self {
        Self { session, roles: Vec::new() }
    }
}
