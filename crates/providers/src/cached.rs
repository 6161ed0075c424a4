use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wire::Timestamp;

use crate::flight::Flight;
use crate::{Clock, Credentials, CredentialsFuture, Error, ProvideCredentials};

/// Keeps the credentials of another provider in memory, and asks for new ones before they expire.
///
/// In the advisory window one caller asks while the others get what there is; in the mandatory
/// window all wait for the one answer. Where that fails, credentials that live are served, and the
/// provider is left alone for the backoff; a refusal that no second attempt mends is an error as
/// soon as the mandatory window is reached. What has expired is never served.
///
/// The provider goes on although the caller that asked is gone, and the next caller gets its answer:
/// a caller with less patience than the provider needs has it at a later attempt. In the advisory
/// window, and while a refusal is known that only a person mends, callers wait half a second for a
/// better answer than the one there is.
///
/// The windows and the backoff are those that the AWS SDKs agree on. Clones share the credentials.
pub struct Cached<P> {
    provider: Arc<P>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Copy)]
struct Settings {
    advisory_window: Option<Duration>,
    mandatory_window: Duration,
    backoff: Duration,
    jitter: f64,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    /// The provider has been asked.
    flight: Option<Flight<Credentials>>,
    /// Why nothing can be had before a person does something.
    refusal: Option<Error>,
    /// Whether somebody wanted credentials since the last ones were got.
    wanted: bool,
}

#[derive(Clone)]
struct Kept {
    credentials: Credentials,
    /// From when on [`Cached::keep_fresh`] asks for new ones.
    renew_at: Option<Timestamp>,
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

/// How long is waited for a better answer than the refusal that is known. The SDK with the least
/// patience gives an endpoint a second.
const SECOND_THOUGHT: Duration = Duration::from_millis(500);

/// How much before the advisory window [`Cached::keep_fresh`] asks, at most.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// A machine that sleeps stops its timers, so they are short.
const NAP: Duration = Duration::from_secs(20);

impl<P> fmt::Debug for Cached<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = state.kept.as_ref().map(|kept| &kept.credentials);
        f.debug_struct("Cached").field("credentials", &kept).finish_non_exhaustive()
    }
}

impl<P> Clone for Cached<P> {
    fn clone(&self) -> Self {
        Self {
            provider: Arc::clone(&self.provider),
            clock: Arc::clone(&self.clock),
            settings: self.settings,
            state: Arc::clone(&self.state),
        }
    }
}

impl<P: ProvideCredentials + 'static> Cached<P> {
    /// Keeps the credentials of `provider`.
    pub fn new(provider: P, clock: Arc<dyn Clock>) -> Self {
        let settings = Settings {
            advisory_window: None,
            mandatory_window: MANDATORY_WINDOW,
            backoff: BACKOFF,
            jitter: 0.0,
        };
        Self { provider: Arc::new(provider), clock, settings, state: Arc::default() }
    }

    /// Wants new credentials when less than this is left of the old ones, not the 5, 15 or 60
    /// minutes that fit their life.
    #[must_use]
    pub fn with_advisory_window(self, window: Duration) -> Self {
        let settings = Settings { advisory_window: Some(window), ..self.settings };
        Self { settings, ..self }
    }

    /// Needs new credentials when less than `window` is left of the old ones, not a minute; what Go
    /// calls `ExpiryWindow`.
    #[must_use]
    pub fn with_expiry_window(self, window: Duration) -> Self {
        let settings = Settings { mandatory_window: window, ..self.settings };
        Self { settings, ..self }
    }

    /// Shortens the windows by a part, between 0 and 1, so that programs which began together do
    /// not ask together; a random number times what Go calls `ExpiryWindowJitterFrac`.
    #[must_use]
    pub fn with_jitter(self, jitter: f64) -> Self {
        let settings = Settings { jitter: jitter.clamp(0.0, 1.0), ..self.settings };
        Self { settings, ..self }
    }

    /// Leaves the provider alone for so long after a failure, not for seven minutes.
    #[must_use]
    pub fn with_backoff(self, backoff: Duration) -> Self {
        let settings = Settings { backoff, ..self.settings };
        Self { settings, ..self }
    }

    /// Begins with credentials that are there already.
    #[must_use]
    pub fn with_credentials(self, credentials: Credentials) -> Self {
        let kept = self.settings.keep(credentials, self.clock.now());
        self.state().kept = Some(kept);
        self
    }

    /// Asks for new credentials at the next call, as after a service has refused the old ones.
    pub fn invalidate(&self) {
        let now = self.clock.now();
        if let Some(kept) = &mut self.state().kept {
            kept.mandatory_at = Some(now);
            kept.backoff_until = None;
        }
    }

    /// Renews the credentials before anybody waits for that, for ever: up to five minutes before the
    /// advisory window, where they were wanted since the last time.
    ///
    /// # Cancel safety
    /// It never ends, so it is dropped some day; a fetch that has begun goes on.
    pub async fn keep_fresh(&self) {
        loop {
            self.clock.sleep(NAP).await;
            let now = self.clock.now();
            let is_due = |kept: &Kept| kept.renew_at.is_some_and(|at| at <= now);
            let is_wanted = {
                let mut state = self.state();
                let is_due =
                    state.kept.as_ref().is_some_and(|kept| is_due(kept) && !kept.is_spared(now));
                is_due && std::mem::take(&mut state.wanted)
            };
            if is_wanted {
                let _ = self.ask().0.landed().await; // the next caller is told
            }
        }
    }

    async fn provide(&self) -> Result<Credentials, Error> {
        let now = self.clock.now();
        let (phase, kept, refusal) = {
            let mut state = self.state();
            state.wanted = true;
            let (phase, kept) = state.phase(now);
            (phase, kept, state.refusal.clone())
        };
        if let Some(kept) = &kept
            && (phase == Phase::Fresh || kept.is_spared(now))
        {
            return Ok(kept.credentials.clone());
        }
        let (flight, is_new) = self.ask();
        let good_enough = match (phase, kept, refusal) {
            (Phase::Advisory, Some(kept), _) if !is_new => return Ok(kept.credentials),
            (Phase::Advisory, Some(kept), _) => Some(Ok(kept.credentials)),
            (_, _, refusal) => refusal.map(Err),
        };
        let result = match good_enough {
            None => flight.landed().await,
            Some(answer) => {
                let no_better = async {
                    self.clock.sleep(SECOND_THOUGHT).await;
                    answer
                };
                futures_lite::future::or(flight.landed(), no_better).await
            }
        };
        result.or_else(|error| match self.state().phase(self.clock.now()) {
            (phase, Some(kept)) if phase != Phase::Mandatory || !error.is_final() => {
                Ok(kept.credentials)
            }
            _ => Err(error),
        })
    }

    /// Joins the flight that is under way, or begins one; tells whether it is a new one.
    fn ask(&self) -> (Flight<Credentials>, bool) {
        let (flight, pilot) = {
            let mut state = self.state();
            if let Some(flight) = state.flight.as_ref().filter(|flight| !flight.is_over()) {
                return (flight.clone(), false);
            }
            let (flight, pilot) = Flight::announced();
            state.flight = Some(flight.clone());
            (flight, pilot)
        };
        let (provider, clock) = (Arc::clone(&self.provider), Arc::clone(&self.clock));
        let (settings, shared) = (self.settings, Arc::clone(&self.state));
        let work = async move {
            let result =
                provider.provide().await.and_then(|credentials| match credentials.expiration {
                    Some(end) if end <= clock.now() => {
                        Err(Error::Expired { provider: provider.name() })
                    }
                    _ => Ok(credentials),
                });
            let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
            state.take(&result, settings, clock.now());
            result
        };
        pilot.begin(&*self.clock, work);
        (flight, true)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settings {
    fn keep(&self, credentials: Credentials, now: Timestamp) -> Kept {
        let before = |window: Duration| {
            let window = window.mul_f64(1.0 - self.jitter);
            credentials.expiration.map(|expiration| expiration - window)
        };
        let life = credentials.expiration.map_or(Duration::MAX, |end| now.until(end));
        let advisory = self.advisory_window.unwrap_or_else(|| advisory_window(life));
        Kept {
            renew_at: before(advisory + MARGIN.min(life / 6)),
            advisory_at: before(advisory),
            mandatory_at: before(self.mandatory_window),
            backoff_until: None,
            credentials,
        }
    }
}

impl State {
    /// Takes the answer of the provider.
    fn take(&mut self, answer: &Result<Credentials, Error>, settings: Settings, now: Timestamp) {
        match answer {
            Ok(credentials) => {
                self.kept = Some(settings.keep(credentials.clone(), now));
                self.refusal = None;
            }
            Err(error) => {
                let urgent = self.phase(now).0 == Phase::Mandatory;
                self.refusal = error.is_final().then(|| error.clone());
                if let Some(kept) = self.kept.as_mut().filter(|_| !urgent || !error.is_final()) {
                    kept.backoff_until = Some(now + settings.backoff);
                }
            }
        }
    }

    /// Returns what is kept, unless it has expired, and how urgent new credentials are.
    fn phase(&self, now: Timestamp) -> (Phase, Option<Kept>) {
        let reached = |time: Option<Timestamp>| time.is_some_and(|time| time <= now);
        let lives = |kept: &Kept| !reached(kept.credentials.expiration);
        match self.kept.clone().filter(lives) {
            Some(kept) if reached(kept.mandatory_at) => (Phase::Mandatory, Some(kept)),
            Some(kept) if reached(kept.advisory_at) => (Phase::Advisory, Some(kept)),
            Some(kept) => (Phase::Fresh, Some(kept)),
            None => (Phase::Mandatory, None),
        }
    }
}

impl Kept {
    /// Whether the provider is left alone after a failure.
    fn is_spared(&self, now: Timestamp) -> bool {
        self.backoff_until.is_some_and(|until| now < until)
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

impl<P: ProvideCredentials + 'static> ProvideCredentials for Cached<P> {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(self.provide())
    }

    fn name(&self) -> &'static str {
        self.provider.name()
    }
}
