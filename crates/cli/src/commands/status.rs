//! `keyfob status`: what the files say, without network.

use std::sync::Arc;
use std::time::Duration;

use providers::{CachedRoleEntry, Context, Error, Session, SessionState, SsoToken, cached_roles};
use serde_json::{Value, json};
use shared_config::Sections;
use wire::{SystemTimes, Timestamp};

use crate::args::{self, Output, SessionArgs};
use crate::env::World;
use crate::exit::{Exit, Failure, printable, with_causes};
use crate::log::StderrLog;
use crate::net;
use crate::paste::login_command;
use crate::sessions::{self, Configured};
use crate::ui::{json_line, print, say, until};

/// What is known about one session.
struct State {
    session: Session,
    known: SessionState,
    roles: Vec<CachedRoleEntry>,
}

pub(crate) fn run(arguments: &args::Status) -> Result<(), Failure> {
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
    net::run(None, async {
        for configured in configured {
            states.push(state(&world, configured, &context, &mut warnings).await);
        }
        Ok(())
    })?;
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
            print(json_line(&json!({ "sessions": sessions })).as_bytes())
        }
        Output::Text if states.is_empty() => {
            say("The config file has no sso-session and no legacy start URL; \
                 run `keyfob configure sso-session NAME` to add one.");
            Ok(())
        }
        Output::Text => {
            let texts: Vec<String> = states.iter().map(|state| state.text(now)).collect();
            print(printable(&texts.join("\n")).as_bytes())
        }
    }
}

/// Fails where one of the sessions is of no use, or will not be for so long.
fn check(states: Vec<State>, min_ttl: Duration) -> Result<(), Failure> {
    if states.is_empty() {
        return Err(Failure::new(Exit::LoginNeeded, "there is no session")
            .with_hint("run `keyfob configure sso-session` to add one"));
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

async fn state(
    world: &World,
    configured: Configured<'_>,
    context: &Context,
    warnings: &mut Vec<String>,
) -> State {
    let Configured { session, roles } = configured;
    let known = SsoToken::new(context.clone(), session.clone()).state().await;
    let file = world.caches().sso.file(&session.cache_key());
    let path = file.path().display();
    let mut warn = |text: &str| warnings.push(format!("`{session}`: {path}: {text}"));
    if known.token.is_some() {
        if is_shared(file.path()) {
            warn("other users can read this file; run `chmod 600` on it");
        }
        if !is_writable(&world.locations.sso_cache) {
            warn("the directory cannot be written: the token cannot be refreshed");
        }
    }
    let roles = cached_roles(&session, &roles, &world.caches().cli);
    State { session, known, roles }
}

impl State {
    /// Whether somebody is signed in, `None` where nobody can tell.
    fn is_signed_in(&self) -> Option<bool> {
        match &self.known.problem {
            None => Some(true),
            Some(Error::Unreadable { .. }) => None,
            Some(_) => Some(false),
        }
    }

    /// Why nobody is signed in, where there is more to say than that.
    fn reason(&self) -> Option<String> {
        use providers::InvalidTokenCause::Absent;
        match self.known.problem.as_ref()? {
            Error::InvalidToken { cause: Absent { .. }, .. } => None,
            Error::InvalidToken { cause, .. } => Some(with_causes(cause)),
            error => Some(with_causes(error)),
        }
    }

    fn json(&self, now: Timestamp) -> Value {
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let token = self.known.token.as_ref();
        let roles: Vec<Value> = self
            .live_roles(now)
            .map(|role| {
                json!({
                    "accountId": role.account_id,
                    "roleName": role.role_name,
                    "expiresAt": role.expiration.to_string(),
                })
            })
            .collect();
        json!({
            "name": self.session.name,
            "startUrl": self.session.start_url,
            "region": self.session.region,
            "signedIn": self.is_signed_in(),
            "reason": self.reason(),
            "expiresAt": time(token.map(|token| token.expires_at)),
            "refreshable": self.is_signed_in() == Some(true)
                && token.is_some_and(|token| token.is_refreshable(now)),
            "registrationExpiresAt": time(token.and_then(|token| token.registration_expires_at)),
            "roles": roles,
        })
    }

    fn text(&self, now: Timestamp) -> String {
        let Session { name, start_url, region, .. } = &self.session;
        let name = name.as_deref().unwrap_or("(legacy start URL)");
        let mut text = format!("{name}  {start_url}  {region}\n");
        match (self.is_signed_in(), &self.known.token) {
            (Some(true), Some(token)) => text += &signed_in(token, now),
            (None, _) => text += "  cannot tell whether somebody is signed in\n",
            _ => text += &format!("  not signed in; run `{}`\n", login_command(&self.session)),
        }
        if let Some(reason) = self.reason() {
            text += &format!("  {reason}\n");
        }
        for role in self.live_roles(now) {
            let end = until(now, role.expiration);
            text += &format!("  {} {}  cached until {end}\n", role.account_id, role.role_name);
        }
        text
    }

    fn live_roles(&self, now: Timestamp) -> impl Iterator<Item = &CachedRoleEntry> {
        self.roles.iter().filter(move |role| role.expiration > now)
    }
}

/// What the file tells of a session that lives, and what it does not.
fn signed_in(token: &token_cache::CachedToken, now: Timestamp) -> String {
    let end = until(now, token.expires_at);
    let mut text = if token.is_expired(now) {
        format!("  signed in; the access token expired {end} and will be refreshed\n")
    } else {
        format!("  signed in; access token until {end}\n")
    };
    if token.is_refreshable(now) {
        text += "  refreshed until the session ends; your administrator sets that end, \
                 it is not stored on this machine\n";
    } else {
        text += "  cannot be refreshed\n";
    }
    if let Some(end) = token.registration_expires_at.filter(|_| token.refresh_token.is_some()) {
        let end = until(now, end);
        text +=
            &format!("  refresh works until {end} at most: the client registration ends then\n");
    }
    text
}

/// Whether others than the owner can read a file.
fn is_shared(path: &std::path::Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path; // files of a user profile inherit an access list of the user alone
        false
    }
}

/// Whether files can be made in a directory: the only way to know is to make one.
fn is_writable(directory: &std::path::Path) -> bool {
    tempfile::tempfile_in(directory).is_ok()
}
