//! What is known of one session.

use providers::{CachedRoleEntry, Context, Error, Session, SessionState, SsoToken, cached_roles};
use serde_json::{Value, json};
use wire::Timestamp;

use crate::env::World;
use crate::exit::with_causes;
use crate::owners::{is_shared, is_writable};
use crate::paste::login_command;
use crate::sessions::Configured;
use crate::ui::until;

/// What is known about one session.
pub(super) struct State {
    pub(super) session: Session,
    pub(super) known: SessionState,
    pub(super) roles: Vec<CachedRoleEntry>,
}

pub(super) async fn state(
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
    pub(super) fn is_signed_in(&self) -> Option<bool> {
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

    pub(super) fn json(&self, now: Timestamp) -> Value {
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

    pub(super) fn text(&self, now: Timestamp) -> String {
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

    pub(super) fn live_roles(&self, now: Timestamp) -> impl Iterator<Item = &CachedRoleEntry> {
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
