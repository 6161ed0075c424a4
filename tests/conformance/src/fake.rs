use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::{Request, Response};
use providers::{Clock, Log, Sleep, Work};
use wire::{ResponseFuture, Timestamp, Transport, TransportError};

/// A clock that stands still but for those who sleep.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// Makes a clock that shows `now`.
    pub fn at(now: Timestamp) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(now.unix() * 1000)))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.0.load(Ordering::Relaxed))
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed).unsigned_abs())
    }

    fn sleep(&self, span: Duration) -> Sleep<'_> {
        self.0.fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::Relaxed);
        Box::pin(std::future::ready(()))
    }

    fn spawn(&self, work: Work) {
        block_on(work);
    }
}

/// A transport that gives the same answer to every request, and keeps the requests.
#[derive(Debug)]
pub struct FakeTransport {
    answer: Response<Vec<u8>>,
    requests: Mutex<Vec<Request<Vec<u8>>>>,
}

impl FakeTransport {
    /// Makes a transport that answers `answer`.
    pub fn answering(answer: Response<Vec<u8>>) -> Arc<Self> {
        Arc::new(Self { answer, requests: Mutex::default() })
    }

    /// Returns the requests so far.
    ///
    /// # Panics
    /// Panics where a test panicked while it sent one.
    pub fn requests(&self) -> Vec<Request<Vec<u8>>> {
        self.requests.lock().unwrap().clone()
    }
}

impl Transport for FakeTransport {
    fn send<'a>(&'a self, request: Request<Vec<u8>>) -> ResponseFuture<'a> {
        self.requests.lock().unwrap().push(request);
        let answer: Result<_, TransportError> = Ok(self.answer.clone());
        Box::pin(std::future::ready(answer))
    }
}

/// Makes a JSON answer.
///
/// # Panics
/// Panics where `status` is no HTTP status.
pub fn answer(status: u16, body: &serde_json::Value) -> Response<Vec<u8>> {
    Response::builder().status(status).body(body.to_string().into_bytes()).unwrap()
}

/// A log that keeps its notes.
#[derive(Debug, Default)]
pub struct Notes(Mutex<Vec<String>>);

impl Notes {
    /// Returns the notes, a line each.
    ///
    /// # Panics
    /// Panics where a test panicked while it took one.
    pub fn text(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}

impl Log for Notes {
    fn debug(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }

    fn warn(&self, text: &str) {
        self.debug(text);
    }
}

/// Runs a future that waits for nothing but fakes.
///
/// # Panics
/// Panics where the future waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a future waits for more than fakes"),
    }
}
