use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Request, Response};
use wire::{ResponseFuture, Timestamp, Transport, TransportError};

use crate::idp::Idp;
use crate::reply::WireFault;

/// A transport that asks an [`Idp`] in the same process, at a time that the test sets.
///
/// Clones share the emulator and its clock. Nothing sleeps: a late answer moves the clock on.
#[derive(Clone, Debug)]
pub struct InProcess(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    idp: Arc<Mutex<Idp>>,
    now: Timestamp,
}

impl InProcess {
    /// Makes a transport to the emulator, whose clock stands at `now`.
    pub fn new(idp: Idp, now: Timestamp) -> Self {
        let idp = Arc::new(Mutex::new(idp));
        Self(Arc::new(Mutex::new(State { idp, now })))
    }

    /// Returns the emulator, to approve a sign-in or to look at its calls.
    pub fn idp(&self) -> Arc<Mutex<Idp>> {
        Arc::clone(&self.state().idp)
    }

    /// Returns the time at which the next request is answered.
    pub fn now(&self) -> Timestamp {
        self.state().now
    }

    /// Sets the clock.
    pub fn set_now(&self, now: Timestamp) {
        self.state().now = now;
    }

    /// Moves the clock on.
    pub fn advance(&self, span: Duration) {
        let mut state = self.state();
        state.now = state.now + span;
    }

    /// Returns how often an operation was called; see [`Idp::count`].
    pub fn count(&self, operation: &str) -> usize {
        lock(&self.idp()).count(operation)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn exchange(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let mut state = self.state();
        let now = state.now;
        let reply = lock(&state.idp).handle(now, request);
        state.now = now + reply.delay;
        let broken = match reply.wire_fault {
            None => return Ok(reply.response),
            Some(WireFault::Drop) => Error::from(ErrorKind::ConnectionReset),
            Some(WireFault::Truncate) => Error::from(ErrorKind::UnexpectedEof),
        };
        let host = request.uri().authority().map_or("emulator", |host| host.as_str());
        Err(TransportError::new(host, false, broken))
    }
}

impl Transport for InProcess {
    fn send<'a>(&'a self, request: Request<Vec<u8>>) -> ResponseFuture<'a> {
        Box::pin(async move { self.exchange(&request) })
    }
}

/// Locks an emulator. After a panic of another thread its state is still sound enough to look at.
pub(crate) fn lock(idp: &Mutex<Idp>) -> MutexGuard<'_, Idp> {
    idp.lock().unwrap_or_else(PoisonError::into_inner)
}
