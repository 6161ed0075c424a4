use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{self, Poll};

use http::Uri;
use http::uri::{Authority, Scheme};
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant};
use tower_service::Service;

use crate::connect::Bounded;
use crate::error::BoxError;
use crate::tls::{Stream, Tls};

/// Makes connections before they are needed.
#[derive(Clone)]
pub(crate) struct Ahead {
    connector: Bounded<Tls>,
    begun: Arc<Mutex<HashMap<Host, Connecting>>>,
}

type Host = (Scheme, Authority);
/// When it was begun, and what comes of it.
type Connecting = (Instant, JoinHandle<Result<Stream, BoxError>>);

/// A server closes a connection over which nothing comes.
const FRESH: Duration = Duration::from_secs(10);

impl Ahead {
    pub(crate) fn new(connector: Bounded<Tls>) -> Self {
        Self { connector, begun: Arc::default() }
    }

    /// Begins a connection, which the next call for the same host takes.
    pub(crate) fn begin(&self, uri: &Uri) {
        let Some(host) = host(uri) else { return };
        let connect = || tokio::spawn(self.connector.clone().call(uri.clone()));
        let mut begun = lock(&self.begun);
        begun.retain(|_, (since, _)| since.elapsed() < FRESH);
        begun.entry(host).or_insert_with(|| (Instant::now(), connect()));
    }
}

impl Service<Uri> for Ahead {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let begun = host(&uri).and_then(|host| lock(&self.begun).remove(&host));
        match begun {
            Some((since, connecting)) if since.elapsed() < FRESH => {
                Box::pin(async { connecting.await? })
            }
            _ => self.connector.call(uri),
        }
    }
}

fn host(uri: &Uri) -> Option<Host> {
    Some((uri.scheme()?.clone(), uri.authority()?.clone()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
