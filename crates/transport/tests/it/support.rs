use std::convert::Infallible;
use std::error::Error;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use emulator::{Idp, Scenario, Server, ServerOptions};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use transport::{Config, Hyper, RetryPolicy};
use wire::{Retry, RetryRule};

/// A transport that does not wait long.
pub(crate) fn hyper() -> Hyper {
    let retry = RetryPolicy::default().with_max_delay(Duration::from_millis(1));
    Hyper::new(Config::default().with_retry(retry).with_user_agent("keyfob/test"))
}

pub(crate) fn once(config: Config) -> Hyper {
    Hyper::new(config.with_retry(RetryPolicy::default().with_attempts(1)))
}

pub(crate) fn get(url: &str, retry: Retry) -> Request<Vec<u8>> {
    let mut request = Request::get(url).body(Vec::new()).unwrap();
    request.extensions_mut().insert(RetryRule::by_status(retry));
    request
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// A server with a certificate that nobody knows, and the file of its authority.
pub(crate) fn server() -> (Server, tempfile::TempDir, PathBuf) {
    let options = ServerOptions { port: 0, tls: true };
    let server = Server::start(Idp::new(Scenario::default()), options).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let bundle = directory.path().join("ca.pem");
    #[expect(clippy::disallowed_methods, reason = "a file of the test's own")]
    std::fs::write(&bundle, server.ca_certificate_pem().unwrap()).unwrap();
    (server, directory, bundle)
}

/// A server that remembers what it was asked.
pub(crate) struct Answering {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request<Bytes>>>>,
}

impl Answering {
    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Request<Bytes>> {
        self.requests.lock().unwrap().clone()
    }
}

/// Answers by all requests so far, of which the last is to be answered.
pub(crate) async fn answering<A>(answer: A) -> Answering
where
    A: Fn(&[Request<Bytes>]) -> http::Result<Response<Vec<u8>>> + Clone + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&requests);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (seen, answer) = (Arc::clone(&seen), answer.clone());
            let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                let (seen, answer) = (Arc::clone(&seen), answer.clone());
                async move {
                    let (head, body) = request.into_parts();
                    let body = body.collect().await.unwrap().to_bytes();
                    let mut seen = seen.lock().unwrap();
                    seen.push(Request::from_parts(head, body));
                    let response = answer(&seen).unwrap();
                    Ok::<_, Infallible>(response.map(|body| Full::new(Bytes::from(body))))
                }
            });
            // A client may go at any time.
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    Answering { url, requests }
}
