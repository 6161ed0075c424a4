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
    /// There is no connection through a proxy.
    #[error("no connection through the proxy {host} of {place}")]
    #[non_exhaustive]
    Proxy {
        /// Host and port of the proxy.
        host: String,
        /// The variable that names it.
        place: String,
        /// Why.
        #[source]
        source: BoxError,
    },
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

/// Whose settings a person can look at where no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Culprit {
    /// The certificates: those of the server, or those that are trusted.
    Certificates,
    /// The proxy.
    Proxy,
}

impl Culprit {
    /// Looks for the culprit among an error and its causes, by their types.
    pub fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            match error.downcast_ref() {
                Some(Failure::Proxy { .. }) => return Some(Self::Proxy),
                Some(Failure::Roots { .. }) => return Some(Self::Certificates),
                _ => {}
            }
            if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
                return Some(Self::Certificates);
            }
            // The source of an `io::Error` is not what it wraps, but the source of that.
            let wrapped = error.downcast_ref().and_then(io::Error::get_ref);
            next = match wrapped {
                Some(wrapped) => Some(wrapped),
                None => error.source(),
            };
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_culprit_is_found_below_other_errors() {
        let tls = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        let inner = io::Error::new(io::ErrorKind::InvalidData, tls);
        assert_eq!(Culprit::of(&io::Error::other(inner)), Some(Culprit::Certificates));
        let plain = rustls::Error::General("the proxy has no certificate".to_owned());
        assert_eq!(Culprit::of(&io::Error::other(plain)), None);
        let source = "unsuccessful".into();
        let tunnel = Failure::Proxy { host: "h".to_owned(), place: "p".to_owned(), source };
        assert_eq!(Culprit::of(&io::Error::other(tunnel)), Some(Culprit::Proxy));
    }
}
