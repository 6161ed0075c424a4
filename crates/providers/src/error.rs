use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use token_cache::FormatError;
use wire::{CallError, EndpointError, ServiceError, Timestamp};

use crate::Session;

/// No credentials could be provided.
///
/// It is cheap to clone: all who waited for one fetch get the same error.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The runtime of the program dropped the work, or the work panicked.
    #[error("the program ended the work before there was an answer")]
    Abandoned,
    /// A role could not be assumed.
    #[error("cannot assume {role_arn} at {host}")]
    #[non_exhaustive]
    AssumeRole {
        /// The role.
        role_arn: String,
        /// The host that was asked.
        host: String,
        /// What failed.
        #[source]
        source: Arc<CallError>,
    },
    /// Another process held the lock of a cache file for too long.
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
        source: Arc<CallError>,
    },
    /// The role is not assigned to the person who is signed in, or does not exist.
    #[error(
        "role `{role_name}` in account {account_id} is not assigned to you in session `{session}`"
    )]
    #[non_exhaustive]
    Forbidden {
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
    /// A provider returned credentials that have expired already.
    #[error("the credentials of {provider} have expired already, by the clock of this machine")]
    #[non_exhaustive]
    Expired {
        /// The name of the provider.
        provider: &'static str,
    },
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
    /// A token was refreshed and could not be stored although there was room for it: its refresh
    /// token is spent, so the session is lost.
    #[error("the refreshed token of `{session}` is lost, for {} cannot be written", path.display())]
    #[non_exhaustive]
    Lost {
        /// The session to sign in to.
        session: Box<Session>,
        /// The token file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
    /// A role needs the code of an MFA device, and there is nobody to ask for one.
    #[error("{role_arn} needs a code of the MFA device {serial_number}: {reason}")]
    #[non_exhaustive]
    MfaRequired {
        /// The role.
        role_arn: String,
        /// `mfa_serial`
        serial_number: String,
        /// Why there is no code.
        reason: String,
    },
    /// Something that the profile or the environment names cannot be used as it stands there.
    #[error("{what}: {reason}")]
    #[non_exhaustive]
    NotConfigured {
        /// What it is.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A command that a profile names failed.
    #[error("{setting} of profile `{profile}`: {reason}")]
    #[non_exhaustive]
    Process {
        /// The profile.
        profile: String,
        /// The setting that names the command.
        setting: &'static str,
        /// What failed; with it what the command wrote to stderr.
        reason: String,
    },
    /// A cache file cannot be written, and what would be asked for could not be asked for again.
    #[error("cannot write {}", path.display())]
    #[non_exhaustive]
    Store {
        /// The cache file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
    /// The file of a token cannot be used.
    #[error("the token file {}", path.display())]
    #[non_exhaustive]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
    /// The token file of a session cannot be read, so nobody can tell whether somebody is signed in.
    #[error("cannot read the token of `{session}` at {}", path.display())]
    #[non_exhaustive]
    Unreadable {
        /// The session.
        session: String,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
}

impl Error {
    /// Says which action failed at which endpoint.
    pub fn call(operation: &'static str, endpoint: &http::Uri, source: CallError) -> Self {
        let host = endpoint.authority().map(ToString::to_string).unwrap_or_default();
        Self::Call { operation, host, source: Arc::new(source) }
    }

    /// Whether the same call cannot succeed before a person or an administrator does something.
    pub fn is_final(&self) -> bool {
        match self {
            Self::AssumeRole { source, .. } | Self::Call { source, .. } => !source.is_transient(),
            Self::Forbidden { .. }
            | Self::Endpoint(_)
            | Self::InvalidToken { .. }
            | Self::Lost { .. }
            | Self::MfaRequired { .. }
            | Self::NotConfigured { .. } => true,
            Self::Abandoned
            | Self::Busy { .. }
            | Self::Expired { .. }
            | Self::Process { .. }
            | Self::Store { .. }
            | Self::TokenFile { .. }
            | Self::Unreadable { .. } => false,
        }
    }

    /// Whether a role was refused for its MFA code, so that the next code of the device may do.
    pub fn is_wrong_code(&self) -> bool {
        let Self::AssumeRole { source, .. } = self else { return false };
        source.service().is_some_and(|error| {
            // STS has no code of its own for it.
            let message = error.message.as_deref().unwrap_or_default();
            error.is("AccessDenied") && message.contains("invalid MFA one time pass code")
        })
    }

    pub(crate) fn not_configured(what: &str, reason: impl Into<String>) -> Self {
        Self::NotConfigured { what: what.to_owned(), reason: reason.into() }
    }
}

impl From<shared_config::NotUnicode> for Error {
    fn from(error: shared_config::NotUnicode) -> Self {
        Self::not_configured("environment", error.to_string())
    }
}

/// What is wrong with an access token.
#[derive(Clone, Debug, thiserror::Error)]
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
    /// The service refused to refresh it before, as another process noted.
    #[error("the service refused to refresh the token at {refused_at} ({error})")]
    #[non_exhaustive]
    RefusedBefore {
        /// When.
        refused_at: Timestamp,
        /// The error of the service, `invalid_grant` or `expired_token`.
        error: String,
    },
    /// The service does not accept it although it has not expired: the session was ended.
    #[error("the service no longer accepts the token")]
    Rejected(#[source] Box<ServiceError>),
}
