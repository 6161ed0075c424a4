//! `keyfob status`: what the files say, without network.

use providers::{CachedRoleEntry, Clock, Session, cached_roles};
use serde_json::{Value, json};
use shared_config::Sections;
use token_cache::{FormatError, SsoToken};
use wire::{Secret, Timestamp};

use crate::args::{self, Output};
use crate::env::{SystemClock, World};
use crate::exit::{Failure, printable};
use crate::sessions::{self, Configured};
use crate::ui::{json_line, print, say, until};

/// What is known about one session.
struct State {
    session: Session,
    token: Option<SsoToken>,
    roles: Vec<CachedRoleEntry>,
}

pub(crate) fn run(arguments: &args::Status) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let (mut configured, problems) = sessions::all(&sections);
    configured.extend(sessions::not_configured(&world, &configured));
    let mut warnings = problems;
    let states: Vec<State> =
        configured.into_iter().map(|configured| state(&world, configured, &mut warnings)).collect();
    // `credential-process` keeps this to itself.
    let cache = &world.locations.cli_cache;
    if cache.is_dir() && !is_writable(cache) {
        let path = cache.display();
        warnings.push(format!("{path} cannot be written: credentials are fetched at each call"));
    }
    for warning in warnings {
        say(&format!("warning: {warning}"));
    }
    let now = SystemClock.now();
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

fn state(world: &World, configured: Configured<'_>, warnings: &mut Vec<String>) -> State {
    let Configured { session, roles } = configured;
    let file = world.sso_cache().file(&session.cache_key());
    let path = file.path().display();
    let mut warn = |text: String| warnings.push(format!("`{session}`: {path}: {text}"));
    let token = match file.load() {
        Err(error) => {
            warn(error.to_string());
            None
        }
        Ok(None) => None,
        Ok(Some(bytes)) => match SsoToken::from_slice(Secret::new(bytes).expose()) {
            Ok(token) if token.belongs_to(&session.start_url) => Some(token),
            Ok(_) => {
                warn("the token belongs to another portal".to_owned());
                None
            }
            Err(FormatError::Missing("accessToken")) => None,
            Err(error) => {
                warn(error.to_string());
                None
            }
        },
    };
    if token.is_some() {
        if is_shared(file.path()) {
            warn("other users can read this file; run `chmod 600` on it".to_owned());
        }
        if !is_writable(&world.locations.sso_cache) {
            warn("the directory cannot be written: the token cannot be refreshed".to_owned());
        }
    }
    let roles = cached_roles(&session, &roles, &world.cli_cache());
    State { session, token, roles }
}

impl State {
    fn is_signed_in(&self, now: Timestamp) -> bool {
        self.token.as_ref().is_some_and(|token| !token.is_expired(now) || token.is_refreshable(now))
    }

    fn json(&self, now: Timestamp) -> Value {
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let token = self.token.as_ref();
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
            "signedIn": self.is_signed_in(now),
            "expiresAt": time(token.map(|token| token.expires_at)),
            "refreshable": token.is_some_and(|token| token.is_refreshable(now)),
            "registrationExpiresAt": time(token.and_then(|token| token.registration_expires_at)),
            "roles": roles,
        })
    }

    fn text(&self, now: Timestamp) -> String {
        let Session { name, start_url, region, .. } = &self.session;
        let name = name.as_deref().unwrap_or("(legacy start URL)");
        let mut text = format!("{name}  {start_url}  {region}\n");
        match &self.token {
            Some(token) if self.is_signed_in(now) => {
                let end = until(now, token.expires_at);
                text += &if token.is_expired(now) {
                    format!("  signed in; the access token expired {end} and will be refreshed\n")
                } else {
                    format!("  signed in; access token until {end}\n")
                };
                text += &match token.registration_expires_at {
                    _ if !token.is_refreshable(now) => "  cannot be refreshed\n".to_owned(),
                    Some(end) => {
                        format!(
                            "  refreshed while the session lasts, at most until {}\n",
                            until(now, end)
                        )
                    }
                    None => "  refreshed while the session lasts\n".to_owned(),
                };
            }
            _ => text += &format!("  not signed in; run `{}`\n", self.session.login_command()),
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
