//! Credentials that processes share through a file: one of them fetches, the others find it.

use std::sync::Arc;
use std::time::Duration;

use token_cache::CacheFile;
use wire::{Secret, Timestamp};

use crate::flight::Flight;
use crate::{Context, Credentials, Error};

/// Credentials that live at least so long are still served when no new ones can be had.
const LAST_RESORT: Duration = Duration::from_secs(60);

/// What a cache file holds.
pub(crate) struct Kept {
    pub(crate) credentials: Credentials,
    pub(crate) fetched_at: Option<Timestamp>,
    /// Whether enough of their life is left.
    pub(crate) serves: bool,
}

/// What a fetch got.
pub(crate) struct Fetched {
    pub(crate) credentials: Credentials,
    /// Whether others may have them, too.
    pub(crate) shared: bool,
}

/// Credentials that are kept in a file.
pub(crate) trait Shared: Send + Sync + 'static {
    fn file(&self) -> &CacheFile;

    fn context(&self) -> &Context;

    /// Reads the file; anything unusable is as good as none.
    fn load(&self, now: Timestamp) -> Option<Kept>;

    /// Whether an error ends the right to the credentials, so that old ones must not be served.
    fn is_final(error: &Error) -> bool;

    /// Writes what the file is to hold.
    fn to_vec(&self, credentials: &Credentials, now: Timestamp) -> Option<Secret<Vec<u8>>>;
}

/// Returns what the file holds, or fetches it under the lock of the file and stores it. With
/// `force_refresh` nothing serves that was fetched before this call.
///
/// A fetch that has begun is stored although its caller is gone: who asks again finds it.
pub(crate) async fn provide<S: Shared>(
    shared: S,
    force_refresh: bool,
    fetch: impl Future<Output = Result<Fetched, Error>> + Send + 'static,
) -> Result<Credentials, Error> {
    let asked_at = shared.context().clock.now();
    let serving = move |kept: &Kept| {
        kept.serves && (!force_refresh || kept.fetched_at.is_some_and(|at| at > asked_at))
    };
    let load = |now| {
        let kept = shared.load(now).filter(serving);
        kept.inspect(|_| shared.context().did("served from", shared.file()))
    };
    if let Some(kept) = load(asked_at) {
        return Ok(kept.credentials);
    }
    let lock = shared.context().lock(shared.file()).await;
    if let Some(kept) = load(shared.context().clock.now()) {
        return Ok(kept.credentials);
    }
    let clock = Arc::clone(&shared.context().clock);
    let work = async move {
        let fetched = match &lock {
            Ok(_) => fetch.await,
            Err(busy) => Err(busy.clone()),
        };
        match fetched {
            Ok(fetched) => {
                if fetched.shared {
                    store(&shared, &fetched.credentials);
                }
                Ok(fetched.credentials)
            }
            Err(error) if force_refresh || S::is_final(&error) => Err(error),
            Err(error) => last_resort(&shared, error),
        }
    };
    Flight::begin(&*clock, work).landed().await
}

impl From<Credentials> for Fetched {
    fn from(credentials: Credentials) -> Self {
        Self { credentials, shared: true }
    }
}

fn store<S: Shared>(shared: &S, credentials: &Credentials) {
    let (file, context) = (shared.file(), shared.context());
    let Some(bytes) = shared.to_vec(credentials, context.clock.now()) else { return };
    match file.replace_unsynced(bytes.expose()) {
        Ok(()) => context.did("wrote", file),
        Err(error) => {
            let path = file.path().display();
            context.log.warn(&format!("the credentials are not cached, {path}: {error}"));
        }
    }
}

/// Serves credentials that are about to expire where new ones cannot be had.
fn last_resort<S: Shared>(shared: &S, error: Error) -> Result<Credentials, Error> {
    let context = shared.context();
    let now = context.clock.now();
    let lives = |kept: &Kept| kept.credentials.expiration.is_some_and(|e| e > now + LAST_RESORT);
    match shared.load(now).filter(lives) {
        Some(kept) => {
            context.log.warn(&format!("serving credentials about to expire: {error}"));
            Ok(kept.credentials)
        }
        None => Err(error),
    }
}
