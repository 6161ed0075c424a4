//! How a person signs in, whichever command asks for it.

use login::{Choice, Login, SignedIn, Ui};
use providers::{Context, Session};
use token_cache::{CacheFile, Flow, Lock, Locking};
use wire::SystemTimes;

use crate::env::World;
use crate::exit::Failure;
use crate::sessions::Configured;
use crate::ui::{talk, until};

/// Signs in as chosen, and says what was chosen and why.
pub(crate) async fn sign_in(login: &Login<'_>, choice: Choice) -> Result<SignedIn, Failure> {
    let session = login.session;
    let way = match choice.flow {
        Flow::AuthorizationCode => "an authorization code (PKCE)",
        Flow::DeviceCode => "a device code",
    };
    talk(&format!("Signing in to `{session}` with {way}: {}.", choice.reason));
    let signed_in = login.run(choice.flow).await?;
    let end = until(SystemTimes.now(), signed_in.expires_at);
    let more = if signed_in.refreshable {
        "refreshed without asking while the session lasts"
    } else {
        "which cannot be refreshed"
    };
    talk(&format!("Signed in to `{session}`; access token until {end}, {more}."));
    Ok(signed_in)
}

/// Prepares a sign-in to a session.
pub(crate) fn login<'a>(
    configured: &'a Configured<'_>,
    context: &'a Context,
    ui: &'a dyn Ui,
) -> Login<'a> {
    Login::new(context, &configured.session, ui).with_known_roles(&configured.roles)
}

/// How the last sign-in to a session failed that others may have waited for. Its lock is held by the
/// one that signs in.
pub(crate) struct Outcome(CacheFile);

/// A failed sign-in; the mark tells it from another one with the same text.
#[derive(PartialEq, Eq)]
pub(crate) struct Failed {
    mark: String,
    pub(crate) text: String,
}

impl Outcome {
    pub(crate) fn of(world: &World, session: &Session) -> Self {
        let stem = format!("{}-login", session.cache_key());
        Self(CacheFile::at(world.locations.sso_cache.join(stem)))
    }

    pub(crate) fn load(&self) -> Option<Failed> {
        let text = String::from_utf8(self.0.load().ok()??).ok()?;
        let (mark, text) = text.split_once('\n')?;
        Some(Failed { mark: mark.to_owned(), text: text.trim_end().to_owned() })
    }

    /// Waits until nobody else signs in, as long as the context has patience; nobody begins until the
    /// lock is dropped.
    pub(crate) async fn alone(
        &self,
        context: &Context,
        session: &Session,
    ) -> Result<Option<Lock>, Failure> {
        Ok(match self.0.try_lock() {
            Locking::Held(lock) => Some(lock),
            Locking::Unsupported => None,
            Locking::Busy => {
                talk(&format!("Waiting for another sign-in to `{session}` (Ctrl-C to stop) ..."));
                context.lock(&self.0).await?
            }
        })
    }

    pub(crate) fn store(&self, failure: &Failure) {
        let mark = format!("{} {}", SystemTimes.now(), std::process::id());
        // Where it cannot be stored, the next one asks the person again.
        let _ = self.0.replace(format!("{mark}\n{}\n", failure.error).as_bytes());
    }
}
