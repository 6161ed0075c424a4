use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use wire::{CallError, Operation, Timestamp, Transport};

use crate::server_clock::{DatedTransport, ServerClock, Skew};
use crate::{Endpoints, Unbroken, thread};

/// The other process may be asking a person.
const PATIENCE: Duration = Duration::from_secs(300);

/// A program that refreshed first may write only after the service has refused us.
const ADOPTION: Duration = Duration::from_secs(2);

/// After so long a person wants to know what is waited for.
const TELL_AFTER: Duration = Duration::from_secs(2);

/// The future that [`Clock::sleep`] returns.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// What [`Clock::spawn`] runs.
pub type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the time comes from, and what runs in it.
pub trait Clock: Send + Sync {
    /// Returns the present time.
    fn now(&self) -> Timestamp;

    /// Returns how long it is since some moment in the past. Setting the clock does not change it:
    /// for how long something is waited for.
    fn elapsed(&self) -> Duration;

    /// Returns the time since the epoch as this machine has it, with all its digits: for pauses that
    /// processes agree on, not to be compared with times of servers.
    fn machine_time(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.now().unix()).unwrap_or(0))
    }

    /// Waits.
    fn sleep(&self, span: Duration) -> Sleep<'_>;

    /// Runs work to its end beside the caller, whoever waits for it: what `tokio::spawn` does, and
    /// for programs without a runtime [`spawn_thread`].
    ///
    /// A refresh that has begun is stored by such work although its caller is gone. Work that is
    /// dropped in its middle loses the session.
    fn spawn(&self, work: Work);
}

/// Runs work on a thread of its own, for transports that need no runtime.
pub fn spawn_thread(work: Work) {
    thread::run(move || futures_lite::future::block_on(work));
}

/// Takes notes of what happened, for a log or a person. No note holds a secret.
pub trait Log: Send + Sync {
    /// Takes a note of a step.
    fn debug(&self, text: &str);

    /// Takes a note of something that the user should mend, although the work goes on.
    fn warn(&self, text: &str);

    /// Takes a note of what is waited for, once that has taken two seconds.
    fn waiting(&self, what: &str) {
        self.debug(&format!("waiting for {what}"));
    }
}

/// Takes no notes.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct NoLog;

impl Log for NoLog {
    fn debug(&self, _: &str) {}

    fn warn(&self, _: &str) {}
}

/// What providers need of the world.
#[derive(Clone)]
#[non_exhaustive]
pub struct Context {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// HTTP.
    pub transport: Arc<dyn Transport>,
    /// Notes.
    pub log: Arc<dyn Log>,
    /// Where the services are.
    pub endpoints: Endpoints,
    /// What a program waits for before it ends on a signal.
    pub unbroken: Unbroken,
    pub(crate) skew: Arc<Skew>,
    /// How long another process is waited for, each time; five minutes unless set. A request has its
    /// own time-outs.
    pub patience: Duration,
    /// How long the token of a program that refreshed first is awaited after a refusal; two seconds
    /// unless set.
    pub adoption: Duration,
}

impl Context {
    /// Makes a context that takes no notes.
    ///
    /// Once the `Date` of an answer shows that `clock` is off by more than four minutes, the clock
    /// of the context follows the servers, so that what is written into shared files is right.
    pub fn new(clock: Arc<dyn Clock>, transport: Arc<dyn Transport>, endpoints: Endpoints) -> Self {
        let skew = Arc::new(Skew::default());
        Self {
            clock: Arc::new(ServerClock { clock: Arc::clone(&clock), skew: Arc::clone(&skew) }),
            transport: Arc::new(DatedTransport { transport, clock, skew: Arc::clone(&skew) }),
            log: Arc::new(NoLog),
            endpoints,
            unbroken: Unbroken::default(),
            skew,
            patience: PATIENCE,
            adoption: ADOPTION,
        }
    }

    /// Performs an operation; a wrong clock that it brought to light is told.
    ///
    /// # Errors
    /// As [`wire::call`].
    pub async fn call<O: Operation>(
        &self,
        operation: &O,
        endpoint: &http::Uri,
    ) -> Result<O::Output, CallError> {
        let host = endpoint.authority().map_or("", |authority| authority.as_str());
        let name = name_of::<O>();
        let call = wire::call(operation, endpoint, &*self.transport);
        let result = self.told(|| format!("{name} at {host}"), call).await;
        let outcome = match &result {
            Ok(_) => "answered".to_owned(),
            Err(error) => match error.service() {
                // Its message may repeat parts of the request.
                Some(error) => format!("{} (HTTP {})", error.code, error.status),
                None => error.to_string(),
            },
        };
        self.log.debug(&format!("{name} at {host}: {outcome}"));
        self.skew.tell(&*self.log);
        result
    }

    /// Waits for `work`; where that takes over two seconds, the log is told what it is.
    pub async fn told<T>(&self, what: impl Fn() -> String, work: impl Future<Output = T>) -> T {
        let tell = async {
            self.clock.sleep(TELL_AFTER).await;
            self.log.waiting(&what());
            std::future::pending().await
        };
        futures_lite::future::or(work, tell).await
    }
}

/// The action, which an operation is named after.
fn name_of<O>() -> &'static str {
    let path = std::any::type_name::<O>().split('<').next().unwrap_or_default();
    path.rsplit("::").next().unwrap_or_default()
}
