use std::sync::Arc;
use std::time::Duration;

use async_lock::Mutex;

use crate::{Clock, Credentials, CredentialsFuture, ProvideCredentials};

/// Keeps the credentials of another provider in memory until shortly before they expire.
///
/// Callers at the same time share one call; where the caller that makes it is cancelled, the next
/// one makes it. What has expired is never returned: a failure of the provider is the caller's.
pub struct Cached<P> {
    provider: P,
    clock: Arc<dyn Clock>,
    expiry_window: Duration,
    kept: Mutex<Option<Credentials>>,
}

impl<P: ProvideCredentials> Cached<P> {
    /// Keeps credentials until they have expired.
    pub fn new(provider: P, clock: Arc<dyn Clock>) -> Self {
        Self { provider, clock, expiry_window: Duration::ZERO, kept: Mutex::new(None) }
    }

    /// Asks for new credentials when less than `window` of the old ones is left, so that what is
    /// returned lives long enough for its use.
    #[must_use]
    pub fn with_expiry_window(self, window: Duration) -> Self {
        Self { expiry_window: window, ..self }
    }

    /// Forgets the credentials, so that the next call asks for new ones.
    pub async fn invalidate(&self) {
        *self.kept.lock().await = None;
    }
}

impl<P: ProvideCredentials> ProvideCredentials for Cached<P> {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(async move {
            let mut kept = self.kept.lock().await;
            let latest = self.clock.now() + self.expiry_window;
            let lives = |credentials: &&Credentials| {
                credentials.expiration.is_none_or(|expiration| expiration > latest)
            };
            if let Some(credentials) = kept.as_ref().filter(lives) {
                return Ok(credentials.clone());
            }
            let credentials = self.provider.provide().await?;
            *kept = Some(credentials.clone());
            Ok(credentials)
        })
    }

    fn name(&self) -> &'static str {
        self.provider.name()
    }
}
