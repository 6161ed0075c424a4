use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wire::Timestamp;

use crate::{Clock, Credentials, CredentialsFuture, Error, ProvideCredentials};

/// Keeps the credentials of another provider in memory, and asks for new ones before they expire.
///
/// In the advisory window one caller asks while the others get what there is; in the mandatory
/// window all wait for the one that asks. Where that fails, credentials that live are served, and
/// the provider is left alone for the backoff; a refusal that no second attempt mends is an error
/// as soon as the mandatory window is reached. What has expired is never served. Where the caller
/// that asks is cancelled, the next one asks.
///
/// The windows and the backoff are those that the AWS SDKs agree on.
pub struct Cached<P> {
    provider: P,
    clock: Arc<dyn Clock>,
    advisory_window: Option<Duration>,
    mandatory_window: Duration,
    backoff: Duration,
    jitter: f64,
    kept: Mutex<Option<Kept>>,
    flight: async_lock::Mutex<()>,
}

#[derive(Clone)]
struct Kept {
    credentials: Credentials,
    /// From when on new ones are wanted, and needed; never for what does not expire.
    advisory_at: Option<Timestamp>,
    mandatory_at: Option<Timestamp>,
    /// Until when the provider is left alone after a failure.
    backoff_until: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Fresh,
    Advisory,
    Mandatory,
}

const MANDATORY_WINDOW: Duration = Duration::from_secs(60);
const BACKOFF: Duration = Duration::from_secs(420);

impl<P: ProvideCredentials> Cached<P> {
    /// Keeps the credentials of `provider`.
    pub fn new(provider: P, clock: Arc<dyn Clock>) -> Self {
        Self {
            provider,
            clock,
            advisory_window: None,
            mandatory_window: MANDATORY_WINDOW,
            backoff: BACKOFF,
            jitter: 0.0,
            kept: Mutex::new(None),
            flight: async_lock::Mutex::new(()),
        }
    }

    /// Wants new credentials when less than this is left of the old ones, not the 5, 15 or 60
    /// minutes that fit their life.
    #[must_use]
    pub fn with_advisory_window(self, window: Duration) -> Self {
        Self { advisory_window: Some(window), ..self }
    }

    /// Needs new credentials when less than `window` is left of the old ones, not a minute; what Go
    /// calls `ExpiryWindow`.
    #[must_use]
    pub fn with_expiry_window(self, window: Duration) -> Self {
        Self { mandatory_window: window, ..self }
    }

    /// Shortens the windows by a part, between 0 and 1, so that programs which began together do
    /// not ask together; a random number times what Go calls `ExpiryWindowJitterFrac`.
    #[must_use]
    pub fn with_jitter(self, jitter: f64) -> Self {
        Self { jitter: jitter.clamp(0.0, 1.0), ..self }
    }

    /// Leaves the provider alone for so long after a failure, not for seven minutes.
    #[must_use]
    pub fn with_backoff(self, backoff: Duration) -> Self {
        Self { backoff, ..self }
    }

    /// Asks for new credentials at the next call, as after a service has refused the old ones.
    pub fn invalidate(&self) {
        let now = self.clock.now();
        self.change(|kept| {
            if let Some(kept) = kept {
                kept.mandatory_at = Some(now);
                kept.backoff_until = None;
            }
        });
    }

    async fn provide(&self) -> Result<Credentials, Error> {
        let (phase, kept) = self.phase();
        let _flight = match (phase, kept) {
            (Phase::Fresh, Some(kept)) => return Ok(kept.credentials),
            (Phase::Advisory, Some(kept)) => match self.flight.try_lock() {
                Some(flight) => flight,
                None => return Ok(kept.credentials),
            },
            _ => self.flight.lock().await,
        };
        // Another caller may have asked meanwhile.
        let (phase, kept) = self.phase();
        let now = self.clock.now();
        if let Some(kept) = kept.clone().filter(|kept| {
            phase == Phase::Fresh || kept.backoff_until.is_some_and(|until| now < until)
        }) {
            return Ok(kept.credentials);
        }
        let error = match self.provider.provide().await {
            Ok(credentials) if credentials.expiration.is_none_or(|end| end > self.clock.now()) => {
                self.change(|kept| *kept = Some(self.keep(credentials.clone())));
                return Ok(credentials);
            }
            Ok(_) => Error::Expired { provider: self.provider.name() },
            Err(error) => error,
        };
        match kept {
            Some(kept) if phase == Phase::Advisory || !error.is_final() => {
                let until = self.clock.now() + self.backoff;
                self.change(|kept| {
                    if let Some(kept) = kept {
                        kept.backoff_until = Some(until);
                    }
                });
                Ok(kept.credentials)
            }
            _ => Err(error),
        }
    }

    fn keep(&self, credentials: Credentials) -> Kept {
        let before = |window: Duration| {
            let window = window.mul_f64(1.0 - self.jitter);
            credentials.expiration.map(|expiration| expiration - window)
        };
        let life = credentials.expiration.map_or(Duration::MAX, |end| self.clock.now().until(end));
        let advisory = self.advisory_window.unwrap_or_else(|| advisory_window(life));
        Kept {
            advisory_at: before(advisory),
            mandatory_at: before(self.mandatory_window),
            backoff_until: None,
            credentials,
        }
    }

    /// Returns what is kept, unless it has expired, and how urgent new credentials are.
    fn phase(&self) -> (Phase, Option<Kept>) {
        let now = self.clock.now();
        let reached = |time: Option<Timestamp>| time.is_some_and(|time| time <= now);
        let lives = |kept: &Kept| !reached(kept.credentials.expiration);
        match self.change(|kept| kept.clone()).filter(lives) {
            Some(kept) if reached(kept.mandatory_at) => (Phase::Mandatory, Some(kept)),
            Some(kept) if reached(kept.advisory_at) => (Phase::Advisory, Some(kept)),
            Some(kept) => (Phase::Fresh, Some(kept)),
            None => (Phase::Mandatory, None),
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Option<Kept>) -> T) -> T {
        change(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The window that fits the life of credentials.
fn advisory_window(life: Duration) -> Duration {
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    if life <= minutes(20) {
        minutes(5)
    } else if life >= minutes(90) {
        minutes(60)
    } else {
        minutes(15)
    }
}

impl<P: ProvideCredentials> ProvideCredentials for Cached<P> {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(self.provide())
    }

    fn name(&self) -> &'static str {
        self.provider.name()
    }
}
