//! The only file that builds the runtime and the transport.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::future::pending;
use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use providers::{CaBundle, Context, Log, Network, NoLog, Unbroken};
use shared_config::Environment;
use transport::{Config, Hyper, Proxies, ProxyError, RetryPolicy, Roots, TokioClock};
use wire::{ResponseFuture, Transport, TransportError};

use crate::env::{PROGRAM, World};
use crate::exit::{Exit, Failure};
use crate::ui;

/// How long the end of the program waits for what must not be broken off.
const HOLD: Duration = Duration::from_secs(10);

/// After so long a person is told.
const TELL_AFTER: Duration = Duration::from_secs(1);

/// What must not be broken off in this process.
static UNBROKEN: LazyLock<Unbroken> = LazyLock::new(Unbroken::default);

/// Runs a command that may use the network, until it is done, its time is up, or Ctrl-C.
pub(crate) fn run<T>(
    limit: Option<Duration>,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    block_on(async {
        let mut work = pin!(work);
        let ended = tokio::select! {
            biased;
            interrupted = interrupt() => interrupted,
            late = too_late(limit) => late,
            result = &mut work => {
                // What else runs here may be in the middle of a refresh.
                tokio::select! {
                    biased;
                    () = settled() => {}
                    _ = interrupt() => {}
                }
                return result;
            }
        };
        // A refresh token that is spent is worth the time until its successor is stored.
        let finish = async {
            drop(work.await);
            pending().await
        };
        tokio::select! {
            biased;
            () = settled_or_given_up() => {}
            () = finish => {}
        }
        Err(ended)
    })
}

/// Runs something that minds Ctrl-C by itself.
pub(crate) fn run_to_end<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    block_on(async {
        let result = work.await;
        settled_or_given_up().await;
        result
    })
}

fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Other, error))?;
    let result = runtime.block_on(work);
    // A name that is being resolved would hold up the end of the program.
    runtime.shutdown_background();
    result
}

/// Runs work and beside it, on a thread, what blocks and has no use for more once it has ended.
pub(crate) async fn with_thread<E>(
    work: impl Future<Output = Result<(), Failure>>,
    blocks: impl FnOnce() -> Result<(), E> + Send + 'static,
) -> Result<(), Failure>
where
    E: Into<Failure> + Send + 'static,
{
    let thread = async {
        match tokio::task::spawn_blocking(blocks).await {
            Ok(ended) => ended.map_err(Into::into),
            Err(error) => Err(Failure::new(Exit::Other, error)),
        }
    };
    let mut thread = pin!(thread);
    let result = tokio::select! {
        result = work => result,
        ended = &mut thread => return ended,
    };
    result.and(thread.await)
}

async fn settled() {
    // It took too long: the sign-in is lost, which a person can mend.
    let _ = tokio::time::timeout(HOLD, UNBROKEN.settled()).await;
}

/// The same for a person, who is told and may give it up.
async fn settled_or_given_up() {
    let tell = async {
        tokio::time::sleep(TELL_AFTER).await;
        ui::talk("Waiting until the new token is stored (Ctrl-C loses the sign-in) ...");
        interrupt().await
    };
    tokio::select! {
        biased;
        () = settled() => {}
        _ = tell => {}
    }
}

/// Waits for work, `None` where it is not done in that time.
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, work).await.ok()
}

async fn too_late(limit: Option<Duration>) -> Failure {
    let Some(limit) = limit else { return pending().await };
    tokio::time::sleep(limit).await;
    Failure::new(Exit::Other, format!("not done within {} s", limit.as_secs()))
}

/// Waits for Ctrl-C, for the signal with which a system ends a program, or for the end of the
/// terminal; what the program made for itself is removed then.
#[cfg(unix)]
async fn interrupt() -> Failure {
    use std::io::IsTerminal;
    use tokio::signal::unix::{SignalKind, signal};
    // Without a handler the signals end the process by themselves.
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return pending().await };
    let Ok(mut interrupt) = signal(SignalKind::interrupt()) else { return pending().await };
    // Without a terminal nobody hangs up; `nohup` has it ignored, which a handler would undo.
    let has_terminal = std::io::stdin().is_terminal() || std::io::stderr().is_terminal();
    let mut hangup = has_terminal.then(|| signal(SignalKind::hangup()).ok()).flatten();
    let hung_up = async {
        match &mut hangup {
            Some(hangup) => hangup.recv().await,
            None => pending().await,
        }
    };
    tokio::select! {
        _ = hung_up => Failure::new(Exit::HungUp, "the terminal is gone"),
        _ = interrupt.recv() => Failure::new(Exit::Interrupted, "interrupted"),
        _ = terminate.recv() => Failure::new(Exit::Terminated, "terminated"),
    }
}

/// Waits for Ctrl-C or Ctrl-Break, or for the end of the console.
#[cfg(windows)]
async fn interrupt() -> Failure {
    // Without a handler they end the process by themselves.
    let Ok(mut signals) = crate::child::Signals::caught() else { return pending().await };
    signals.next().await.failure()
}

/// Does something beside the command that [`run`] runs.
#[cfg(feature = "emulator")]
pub(crate) fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

/// Stays until Ctrl-C, which is how a server is meant to end.
#[cfg(feature = "emulator")]
pub(crate) fn stay() -> Result<(), Failure> {
    match run(None, pending::<Result<(), Failure>>()) {
        Err(failure) if failure.exit.is_of_a_signal() => Ok(()),
        result => result,
    }
}

/// Makes a context that asks nobody, for what files alone can answer; `why` says what is wrong with
/// the network.
pub(crate) fn offline(world: &World, log: Arc<dyn Log>, why: &str) -> Context {
    struct Offline(String);
    impl Transport for Offline {
        fn send<'a>(&'a self, _: http::Request<Vec<u8>>) -> ResponseFuture<'a> {
            let error = TransportError::new("the network", true, self.0.clone());
            Box::pin(std::future::ready(Err(error)))
        }
    }
    let transport = Arc::new(Offline(why.to_owned()));
    context_over(world, transport).with_log(log)
}

/// Makes the context of a command.
pub(crate) fn context(
    world: &World,
    network: &Network,
    log: Arc<dyn Log>,
) -> Result<Context, Failure> {
    context_with(world, network, log, RetryPolicy::default())
}

/// The same for who wants to know at once what is wrong.
pub(crate) fn context_without_retries(
    world: &World,
    network: &Network,
) -> Result<Context, Failure> {
    context_with(world, network, Arc::new(NoLog), RetryPolicy::default().with_attempts(1))
}

fn context_with(
    world: &World,
    network: &Network,
    log: Arc<dyn Log>,
    retry: RetryPolicy,
) -> Result<Context, Failure> {
    let config = Config::default()
        .with_retry(retry)
        .with_proxies(proxies(&world.environment)?)
        .with_roots(roots(&world.environment, network.ca_bundle.as_ref())?)
        .with_user_agent(concat!("keyfob/", env!("CARGO_PKG_VERSION")));
    let context = context_over(world, Arc::new(Hyper::new(config)));
    Ok(context.with_endpoints(network.endpoints.clone()).with_log(log))
}

fn context_over(world: &World, transport: Arc<dyn Transport>) -> Context {
    Context::new(PROGRAM, Arc::new(TokioClock), transport, world.caches())
        .with_unbroken(UNBROKEN.clone())
}

pub(crate) fn proxies(environment: &Environment) -> Result<Proxies, Failure> {
    let variable = |name: &str| variable(environment, name);
    Proxies::from_variables(variable).map_err(|error| match &error {
        ProxyError::Url { place, .. } => {
            let hint = format!("correct it, or run `unset {place}` for a direct connection");
            Failure::usage(error).with_hint(hint)
        }
        _ => Failure::usage(error),
    })
}

fn variable(environment: &Environment, name: &str) -> Option<OsString> {
    environment.get_os(name).map(OsStr::to_owned)
}

/// The certificates to trust; a bundle that cannot be read is a mistake of the configuration.
fn roots(environment: &Environment, ca_bundle: Option<&CaBundle>) -> Result<Roots, Failure> {
    let Some(CaBundle { path, place, .. }) = ca_bundle else {
        return Ok(Roots::from_variables(|name| variable(environment, name)));
    };
    let roots = Roots::Bundle(path.clone());
    match roots.check() {
        Ok(()) => Ok(roots),
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            Err(Failure::usage(format!("{place}: {error}{cause}")))
        }
    }
}

/// Does beside other work what blocks, such as asking a person.
pub(crate) async fn beside<T: Send + 'static>(
    blocks: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(blocks).await.map_err(|error| Failure::new(Exit::Other, error))
}
