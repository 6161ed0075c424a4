//! The only file that builds the runtime and the transport.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use providers::{Context, Endpoints, Log};
use shared_config::{Environment, Profile};
use transport::{Config, Hyper, Proxies, RetryPolicy, Roots};

use crate::env::SystemClock;
use crate::exit::{Exit, Failure};

/// Runs something that minds Ctrl-C by itself.
pub(crate) fn run_to_end<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = runtime()?;
    let result = runtime.block_on(work);
    runtime.shutdown_background();
    result
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Other, error))
}

/// Runs a command that may use the network, until it is done, its time is up, or Ctrl-C.
pub(crate) fn run<T>(
    limit: Option<Duration>,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let runtime = runtime()?;
    let result = runtime.block_on(async {
        let limited = async {
            match limit {
                None => work.await,
                Some(limit) => tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
                    let error = format!("not done within {} s", limit.as_secs());
                    Err(Failure::new(Exit::Other, error))
                }),
            }
        };
        tokio::select! {
            biased;
            interrupted = interrupt() => Err(interrupted),
            result = limited => result,
        }
    });
    // A name that is being resolved would hold up the end of the program.
    runtime.shutdown_background();
    result
}

/// Waits for Ctrl-C, or for the signal with which a system ends a program; what the program made
/// for itself is removed then.
#[cfg(unix)]
async fn interrupt() -> Failure {
    use tokio::signal::unix::{SignalKind, signal};
    // Without a handler the signals end the process by themselves.
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return pending().await };
    let Ok(mut interrupt) = signal(SignalKind::interrupt()) else { return pending().await };
    tokio::select! {
        _ = interrupt.recv() => Failure::new(Exit::Interrupted, "interrupted"),
        _ = terminate.recv() => Failure::new(Exit::Terminated, "terminated"),
    }
}

#[cfg(not(unix))]
async fn interrupt() -> Failure {
    match tokio::signal::ctrl_c().await {
        Ok(()) => Failure::new(Exit::Interrupted, "interrupted"),
        Err(_) => pending().await,
    }
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
        Err(failure) if matches!(failure.exit, Exit::Interrupted | Exit::Terminated) => Ok(()),
        result => result,
    }
}

/// Makes the context of a command: environment first, then profile.
pub(crate) fn context(
    environment: &Environment,
    profile: Option<&Profile<'_, '_>>,
    log: Arc<dyn Log>,
) -> Context {
    let bundle =
        environment.get("AWS_CA_BUNDLE").or_else(|| profile.and_then(|p| p.get("ca_bundle")));
    let all = || environment.first(&["all_proxy", "ALL_PROXY"]);
    let proxy = |names: &[&str]| environment.first(names).or_else(all).map(str::to_owned);
    let config = Config {
        proxies: Proxies {
            https: proxy(&["https_proxy", "HTTPS_PROXY"]),
            http: proxy(&["http_proxy", "HTTP_PROXY"]),
            no_proxy: environment.first(&["no_proxy", "NO_PROXY"]).map(str::to_owned),
        },
        retry: RetryPolicy::default(),
        roots: bundle.map_or(Roots::Platform, |path| Roots::Bundle(path.into())),
        user_agent: concat!("keyfob/", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let endpoints = Endpoints::resolve(environment, profile);
    let mut context = Context::new(Arc::new(SystemClock), Arc::new(Hyper::new(config)), endpoints);
    context.log = log;
    context
}
