use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use emulator::{Idp, Scenario, Server, ServerOptions};
use http::Request;
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
