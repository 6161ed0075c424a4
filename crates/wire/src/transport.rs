use std::error::Error;
use std::pin::Pin;

/// The future that a [`Transport`] returns.
pub type ResponseFuture<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<Vec<u8>>, TransportError>> + Send + 'a>>;

/// The seam to HTTP: sends one request and returns the whole response.
///
/// An implementation bounds the time and the size of an exchange, never follows a redirect, and
/// reads how the request may be repeated from its [`crate::RetryRule`] extension. A response with any
/// status is a success of the transport.
pub trait Transport: Send + Sync {
    /// Sends `request` and returns the whole response.
    fn send<'a>(&'a self, request: http::Request<Vec<u8>>) -> ResponseFuture<'a>;

    /// Is told that a request to the endpoint will follow soon: a transport that can begins the
    /// connection meanwhile.
    fn connect_ahead(&self, _endpoint: &http::Uri) {}
}

/// No response was received.
#[derive(Debug, thiserror::Error)]
#[error("no answer from {host}")]
#[non_exhaustive]
pub struct TransportError {
    /// The host that was asked, with its port where one is named.
    pub host: String,
    /// Whether the server cannot have seen the request.
    pub unsent: bool,
    /// What failed.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl TransportError {
    /// Reports that `host` gave no answer because of `source`.
    pub fn new(
        host: impl Into<String>,
        unsent: bool,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { host: host.into(), unsent, source: source.into() }
    }
}
