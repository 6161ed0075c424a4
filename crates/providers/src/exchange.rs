//! What a note says of an exchange: how it was sent, what came back, and how long that took.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Method, Request, Response};
use wire::{ResponseFuture, Transport, TransportError};

use crate::Clock;

/// What AWS calls an answer, for its support.
const REQUEST_ID: &str = "x-amzn-requestid";

/// A transport for one exchange, which remembers what a note may tell of it: nothing of the path, the
/// headers and the body, for they hold secrets.
pub(crate) struct Exchange<'a> {
    transport: &'a dyn Transport,
    clock: &'a dyn Clock,
    begun_at: Duration,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    method: Option<Method>,
    status: Option<u16>,
    request_id: Option<String>,
}

impl<'a> Exchange<'a> {
    pub(crate) fn begin(transport: &'a dyn Transport, clock: &'a dyn Clock) -> Self {
        Self { transport, clock, begun_at: clock.elapsed(), seen: Mutex::default() }
    }

    /// Writes what is to be told behind how it ended.
    pub(crate) fn note(&self) -> String {
        let took = self.clock.elapsed().saturating_sub(self.begun_at).as_millis();
        let seen = self.seen();
        let method = seen.method.as_ref().map(Method::to_string);
        let status = seen.status.map(|status| format!("HTTP {status}"));
        let request_id = seen.request_id.as_ref().map(|id| format!("request id {id}"));
        let told = [method, status, Some(format!("{took} ms")), request_id];
        told.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn look_at(&self, answer: &Result<Response<Vec<u8>>, TransportError>) {
        let Ok(response) = answer else { return };
        let id = response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
        let mut seen = self.seen();
        seen.status = Some(response.status().as_u16());
        seen.request_id = id.filter(|id| is_request_id(id)).map(str::to_owned);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it is a UUID, and not what a server or a proxy repeats of the request.
fn is_request_id(id: &str) -> bool {
    id.len() == 36 && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

impl Transport for Exchange<'_> {
    fn send<'s>(&'s self, request: Request<Vec<u8>>) -> ResponseFuture<'s> {
        self.seen().method = Some(request.method().clone());
        Box::pin(async move {
            let answer = self.transport.send(request).await;
            self.look_at(&answer);
            answer
        })
    }
}
