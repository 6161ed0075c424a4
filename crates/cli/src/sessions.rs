//! The sessions of the configuration, and the one that a command means.

use assignments::{Index, Listing};
use providers::{Caches, Network, ResolveError, Role, Session, Target, resolve_session};
use shared_config::{Environment, ProfileError, Sections};

use token_cache::CachedToken;
use wire::Secret;

use crate::args::{Named, SessionArgs};
use crate::env::World;
use crate::exit::Failure;
use crate::ui::talk;
use crate::{nearest, pick};

/// A session, and the roles that profiles use with it.
pub(crate) struct Configured<'s> {
    pub(crate) session: Session,
    pub(crate) roles: Vec<Role<'s>>,
}

impl Configured<'_> {
    /// What the last listing found, however old.
    pub(crate) fn index(&self, caches: &Caches) -> Index {
        Listing::known(&self.session, caches)
    }
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

impl Named {
    /// Completes what the command line says: with the session or profile of the name, else as
    /// [`SessionArgs::completed`].
    pub(crate) fn completed(
        &self,
        sections: &Sections<'_>,
        world: &World,
    ) -> Result<SessionArgs, Failure> {
        let Some(name) = &self.name else { return self.session.completed(sections, world) };
        let none = SessionArgs::default();
        match sections.sso_session(name) {
            Err(ProfileError::UnknownSession { .. }) => match sections.any_profile(name) {
                Err(ProfileError::Unknown { .. }) => Err(nobody(name, sections)),
                _ => Ok(SessionArgs { profile: Some(name.clone()), ..none }),
            },
            _ => Ok(SessionArgs { sso_session: Some(name.clone()), ..none }),
        }
    }
}

impl From<&Session> for SessionArgs {
    /// Names the session as a command line would.
    fn from(session: &Session) -> Self {
        let none = Self::default();
        match &session.name {
            Some(name) => Self { sso_session: Some(name.clone()), ..none },
            None => Self {
                start_url: Some(session.start_url.clone()),
                sso_region: Some(session.region.clone()),
                ..none
            },
        }
    }
}

impl SessionArgs {
    /// Whether all that the options say is so of a session.
    pub(crate) fn means(&self, session: &Session) -> bool {
        let Self { profile: _, sso_session, start_url, sso_region } = self;
        sso_session.as_ref().is_none_or(|name| session.name.as_ref() == Some(name))
            && start_url.as_ref().is_none_or(|url| session.start_url == *url)
            && sso_region.as_ref().is_none_or(|region| session.region == *region)
    }

    /// Decides how the services are reached: as the profile says that is meant, if one is.
    pub(crate) fn network(
        &self,
        sections: &Sections<'_>,
        world: &World,
    ) -> Result<Network, Failure> {
        let profile = self.profile.as_deref().map(|name| sections.profile(name)).transpose()?;
        Ok(Network::resolve(&world.environment, profile.as_ref()))
    }

    /// Where nothing is said, takes the profile of the environment, if it is one with a session.
    pub(crate) fn completed(
        &self,
        sections: &Sections<'_>,
        world: &World,
    ) -> Result<Self, Failure> {
        let Some(name) = pick::of_environment(world)?.filter(|_| *self == Self::default()) else {
            return Ok(self.clone());
        };
        let completed = Self { profile: Some(name.to_owned()), ..Self::default() };
        match resolve_session(sections, &world.environment, &completed.said()) {
            Err(ResolveError::NoSession { .. } | ResolveError::NoCredentials { .. }) => {
                talk(&format!("AWS_PROFILE names `{name}`, which needs no sign-in."));
                Ok(self.clone())
            }
            _ => Ok(completed),
        }
    }
}

/// Returns the session that was asked for, or else the only one there is.
pub(crate) fn chosen<'s>(
    sections: &'s Sections<'_>,
    environment: &Environment,
    said: &SessionArgs,
) -> Result<Configured<'s>, Failure> {
    let session = chosen_session(sections, environment, said)?;
    Ok(known(&session, sections).unwrap_or_else(|| session.into()))
}

/// The same without the profiles that use it, of which there may be thousands.
pub(crate) fn chosen_session(
    sections: &Sections<'_>,
    environment: &Environment,
    said: &SessionArgs,
) -> Result<Session, Failure> {
    let variables = ["AWS_SSO_START_URL", "AWS_SSO_REGION"];
    let by_variable = variables.iter().any(|name| environment.get_os(name).is_some());
    let says_nothing = *said == SessionArgs::default();
    match resolve_session(sections, environment, &said.said()) {
        // Who names a start URL by a variable means the session of the config that has it.
        Ok(session) if says_nothing && session.name.is_none() => {
            let (configured, _) = all(sections);
            let is_meant = |other: &Session| {
                other.start_url == session.start_url && other.region == session.region
            };
            let mut configured = configured.into_iter().map(|configured| configured.session);
            Ok(configured.find(is_meant).unwrap_or(session))
        }
        Ok(session) => Ok(session),
        Err(ResolveError::Incomplete { .. }) if says_nothing && !by_variable => {
            of_default_profile(sections, environment)
        }
        Err(error) if said.sso_session.is_some() => {
            let names = names_of_sessions(sections);
            Err(with_known(error.into(), "sso-sessions", names))
        }
        Err(error) => Err(error.into()),
    }
}

/// The session as the config has it, with its profiles.
fn known<'s>(session: &Session, sections: &'s Sections<'_>) -> Option<Configured<'s>> {
    let (configured, _) = all(sections);
    let same = |other: &Configured<'_>| {
        other.session.key() == session.key() && other.session.region == session.region
    };
    configured.into_iter().find(same)
}

/// The session of the default profile, where the config has none, or several.
fn of_default_profile(
    sections: &Sections<'_>,
    environment: &Environment,
) -> Result<Session, Failure> {
    let names = names_of_sessions(sections);
    if names.is_empty() {
        return Err(Failure::usage("the config file has no sso-session").with_hint(
            "run `keyfob configure sso` to add one, or give --start-url and --sso-region",
        ));
    }
    resolve_session(sections, environment, &Target::profile(pick::DEFAULT)).map_err(|_| {
        Failure::usage("there are several sso-sessions")
            .with_hint(format!("name one with --sso-session: {}", names.join(", ")))
    })
}

/// Neither a session nor a profile has that name.
fn nobody(name: &str, sections: &Sections<'_>) -> Failure {
    let failure = Failure::usage(format!("there is no sso-session and no profile `{name}`"));
    let sessions = names_of_sessions(sections);
    let profiles = sections.profiles().map(|section| section.name());
    match nearest::of(name, sessions.iter().copied().chain(profiles)) {
        Some(near) => failure.with_hint(format!("did you mean `{near}`?")),
        None => with_known(failure, "sso-sessions", sessions),
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
