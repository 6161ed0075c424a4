use std::io;
use std::path::PathBuf;

use oidc_proto::{ErrorKind, StartUrlError};
use wire::{CallError, EndpointError};

/// A sign-in could not be started or finished.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// A call failed.
    #[error("{operation} at {host} failed")]
    #[non_exhaustive]
    Call {
        /// The AWS action.
        operation: &'static str,
        /// The host that was asked.
        host: String,
        /// What failed.
        #[source]
        source: Box<CallError>,
    },
    /// The endpoint cannot be used.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The code has expired before anybody confirmed it.
    #[error("the code has expired before it was confirmed")]
    Expired,
    /// The listener could not be opened.
    #[error("cannot listen on 127.0.0.1")]
    Listener(#[source] io::Error),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
    /// The sign-in was refused, typically by the person.
    #[error("the sign-in was refused: {0}")]
    Refused(String),
    /// The service finds the request itself wrong, typically because region and start URL do not
    /// belong together.
    #[error(
        "the service refused the request for {start_url} in region {region}; do they belong together?"
    )]
    #[non_exhaustive]
    Rejected {
        /// The start URL.
        start_url: String,
        /// The region.
        region: String,
        /// What the service said.
        #[source]
        source: Box<CallError>,
    },
    /// The start URL leads to no portal.
    #[error(transparent)]
    StartUrl(#[from] StartUrlError),
    /// The token could not be stored.
    #[error("cannot write {}", path.display())]
    #[non_exhaustive]
    Store {
        /// The token file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl LoginError {
    /// What the OIDC service says is wrong, where it was a call that it refused.
    pub(crate) fn kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Call { source, .. } => ErrorKind::of_call(source),
            _ => None,
        }
    }
}
