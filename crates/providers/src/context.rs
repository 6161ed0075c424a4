use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use shared_config::{Environment, LocateError, Locations};
use token_cache::CacheFile;
use wire::{CallError, Clock, Log, NoLog, Operation, Transport, TransportError};

use crate::exchange::Exchange;
use crate::server_clock::{DatedTransport, ServerClock, Skew};
use crate::{Caches, Endpoints, Program, Unbroken};

/// The other process may be asking a person.
const PATIENCE: Duration = Duration::from_secs(300);

/// A program that refreshed first may write only after the service has refused us.
const ADOPTION: Duration = Duration::from_secs(2);

/// After so long a person wants to know what is waited for.
const TELL_AFTER: Duration = Duration::from_secs(2);

/// What providers need of the world, whoever they work for.
#[derive(Clone)]
pub struct Context {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) log: Arc<dyn Log>,
    pub(crate) caches: Caches,
    pub(crate) endpoints: Endpoints,
    pub(crate) program: Program,
    pub(crate) unbroken: Unbroken,
    pub(crate) skew: Arc<Skew>,
    pub(crate) patience: Duration,
    pub(crate) adoption: Duration,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("caches", &self.caches)
            .field("endpoints", &self.endpoints)
            .field("program", &self.program)
            .field("patience", &self.patience)
            .field("adoption", &self.adoption)
            .finish_non_exhaustive()
    }
}

impl Context {
    /// Makes a context that calls the services of AWS and takes no notes.
    ///
    /// Once the `Date` of an answer shows that `clock` is off by more than four minutes, the clock
    /// of the context follows the servers, so that what is written into shared files is right.
    pub fn new(
        program: Program,
        clock: Arc<dyn Clock>,
        transport: Arc<dyn Transport>,
        caches: Caches,
    ) -> Self {
        let skew = Arc::new(Skew::default());
        Self {
            clock: Arc::new(ServerClock { clock: Arc::clone(&clock), skew: Arc::clone(&skew) }),
            transport: Arc::new(DatedTransport { transport, clock, skew: Arc::clone(&skew) }),
            log: Arc::new(NoLog),
            caches,
            endpoints: Endpoints::default(),
            program,
            unbroken: Unbroken::default(),
            skew,
            patience: PATIENCE,
            adoption: ADOPTION,
        }
    }

    /// Makes a context with the caches of the user whose environment it is, see [`Caches::new`].
    ///
    /// # Errors
    /// Fails where the home directory is unknown.
    pub fn from_env(
        program: Program,
        environment: &Environment,
        clock: Arc<dyn Clock>,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, LocateError> {
        let caches = Caches::new(&Locations::from_env(environment)?, environment, program);
        Ok(Self::new(program, clock, transport, caches))
    }

    /// Calls the services there.
    #[must_use]
    pub fn with_endpoints(self, endpoints: Endpoints) -> Self {
        Self { endpoints, ..self }
    }

    /// Takes notes there.
    #[must_use]
    pub fn with_log(self, log: Arc<dyn Log>) -> Self {
        Self { log, ..self }
    }

    /// Puts something between the callers and the transport, such as a limit of the pace.
    #[must_use]
    pub fn with_layer(self, layer: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>) -> Self {
        Self { transport: layer(self.transport), ..self }
    }

    /// Waits so long for another process, each time; five minutes unless set. A request has
    /// time-outs of its own.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Waits so long after a refusal for the token of a program that refreshed first; two seconds
    /// unless set.
    #[must_use]
    pub fn with_adoption(self, adoption: Duration) -> Self {
        Self { adoption, ..self }
    }

    /// Counts what must not be broken off there.
    #[must_use]
    pub fn with_unbroken(self, unbroken: Unbroken) -> Self {
        Self { unbroken, ..self }
    }

    /// Returns the clock, which follows the servers.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Returns where notes are taken.
    pub fn log(&self) -> &Arc<dyn Log> {
        &self.log
    }

    /// Returns the directories that programs share credentials through.
    pub fn caches(&self) -> &Caches {
        &self.caches
    }

    /// Returns where the services are.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Returns the program that this is done for.
    pub fn program(&self) -> Program {
        self.program
    }

    /// Returns how long another process is waited for.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Returns what a program waits for before it ends.
    pub fn unbroken(&self) -> &Unbroken {
        &self.unbroken
    }

    /// Performs an operation; a wrong clock that it brought to light is told.
    ///
    /// # Errors
    /// As [`wire::call`].
    ///
    /// # Cancel safety
    /// The future may be dropped at any moment. The service may have acted on the request then, and its
    /// answer is lost: what counts once runs in a task of its own, see [`Clock::spawn`].
    pub async fn call<O: Operation>(
        &self,
        operation: &O,
        endpoint: &http::Uri,
    ) -> Result<O::Output, CallError> {
        let host = endpoint.authority().map_or("", |authority| authority.as_str());
        let name = name_of::<O>();
        let exchange = Exchange::begin(&*self.transport, &*self.clock);
        let call = wire::call(operation, endpoint, &exchange);
        let result = self.told(|| format!("{name} at {host}"), call).await;
        self.note_call(name, host, result.as_ref().err(), &exchange);
        result
    }

    /// Takes a note of a call. It is no part of [`Context::call`], which exists once for each operation.
    fn note_call(
        &self,
        name: &str,
        host: &str,
        error: Option<&CallError>,
        exchange: &Exchange<'_>,
    ) {
        let outcome = match error.map(|error| (error, error.service())) {
            None => "answered".to_owned(),
            // Its message may repeat parts of the request.
            Some((_, Some(service))) => service.code.clone(),
            Some((error, None)) => error.to_string(),
        };
        self.log.debug(&format!("{name} at {host}: {outcome} ({})", exchange.note()));
        self.skew.tell(&*self.log);
    }

    /// Sends a request that is no operation of AWS, with the same notes as [`Context::call`].
    ///
    /// # Errors
    /// As [`Transport::send`].
    ///
    /// # Cancel safety
    /// As [`Context::call`].
    pub async fn send(
        &self,
        name: &str,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let exchange = Exchange::begin(&*self.transport, &*self.clock);
        let result = self.told(|| format!("{name} at {host}"), exchange.send(request)).await;
        let outcome = result.as_ref().map_or_else(ToString::to_string, |_| "answered".to_owned());
        self.log.debug(&format!("{name} at {host}: {outcome} ({})", exchange.note()));
        self.skew.tell(&*self.log);
        result
    }

    /// Notes what was done with a file.
    pub(crate) fn did(&self, what: &str, file: &CacheFile) {
        self.log.debug(&format!("{what} {}", file.path().display()));
    }

    /// Waits for `work`; where that takes over two seconds, the log is told what it is.
    ///
    /// # Cancel safety
    /// The future may be dropped at any moment, and the work with it.
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
