use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use wire::Timestamp;

/// Why no answer came, where the libraries below have no words of their own for it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The answer is larger than any answer of AWS.
    #[error("the answer is over 1 MiB")]
    BodyTooLarge,
    /// The certificate of the server is refused for its time alone.
    #[error("its certificate is not valid at {0}, by the clock of this machine; is that right?")]
    CertificateTime(Timestamp),
    /// The proxy is not one that can be used.
    #[error("the proxy `{0}` cannot be used: only http:// proxies are supported")]
    Proxy(String),
    /// The roots cannot be read.
    #[error("cannot read the certificates of {}", path.display())]
    #[non_exhaustive]
    Roots {
        /// The bundle.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The time is up.
    #[error("no {what} within {} s", limit.as_secs())]
    #[non_exhaustive]
    Timeout {
        /// What was waited for.
        what: &'static str,
        /// How long.
        limit: Duration,
    },
}

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;
