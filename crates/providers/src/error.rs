use std::io;
use std::path::PathBuf;

use token_cache::FormatError;
use wire::{CallError, EndpointError, ServiceError};

use crate::Session;

/// No credentials could be provided.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another process held the lock of a cache file until the deadline.
    #[error("another process holds the lock beside {}", path.display())]
    #[non_exhaustive]
    Busy {
        /// The cache file.
        path: PathBuf,
    },
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
    /// The role is not assigned to the person who is signed in, or does not exist.
    #[error(
        "role `{role_name}` in account {account_id} is not assigned to you in session `{session}`"
    )]
    #[non_exhaustive]
    Denied {
        /// The account.
        account_id: String,
        /// The role.
        role_name: String,
        /// The session.
        session: String,
        /// What the service said.
        #[source]
        source: Box<ServiceError>,
    },
    /// The endpoint cannot be used.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// There is no usable access token: only a sign-in helps.
    ///
    /// This is what Go's `ssocreds` calls `InvalidTokenError`.
    #[error("not signed in to `{session}`")]
    #[non_exhaustive]
    InvalidToken {
        /// The session to sign in to.
        session: Box<Session>,
        /// What is wrong with the token.
        #[source]
        cause: InvalidTokenCause,
    },
    /// A cache file cannot be written, and what would be asked for could not be asked for again.
    #[error("cannot write {}", path.display())]
    #[non_exhaustive]
    Store {
        /// The cache file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// What is wrong with an access token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTokenCause {
    /// Nobody has signed in.
    #[error("there is no token at {}", path.display())]
    #[non_exhaustive]
    Absent {
        /// Where it would be.
        path: PathBuf,
    },
    /// It has expired and cannot be refreshed.
    #[error("the token at {} has expired and cannot be refreshed", path.display())]
    #[non_exhaustive]
    Expired {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    #[non_exhaustive]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{} holds no token", path.display())]
    #[non_exhaustive]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: FormatError,
    },
    /// The token was issued by another portal, under a session of the same name.
    #[error("the token at {} belongs to {start_url}", path.display())]
    #[non_exhaustive]
    OtherPortal {
        /// The file.
        path: PathBuf,
        /// The start URL of that portal.
        start_url: String,
    },
    /// The service refused to refresh it.
    #[error("the service refused to refresh the token")]
    Refused(#[source] Box<ServiceError>),
    /// The service does not accept it although it has not expired: the session was ended.
    #[error("the service no longer accepts the token")]
    Rejected(#[source] Box<ServiceError>),
}
