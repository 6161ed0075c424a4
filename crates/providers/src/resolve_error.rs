use std::sync::Arc;

use shared_config::{LoadError, NotUnicode, Place, ProfileError};

/// It cannot be said whose credentials are meant.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// The profile has `role_arn` beside SSO keys; every SDK makes something else of it.
    #[error(
        "{place}: profile `{profile}` has `role_arn` beside sso keys; name a `source_profile` instead"
    )]
    #[non_exhaustive]
    Ambiguous {
        /// The profile.
        profile: String,
        /// The line of `role_arn`.
        place: Place,
    },
    /// No role is named, or no session to get it with.
    #[error("it is not said whose credentials: there is no {}", missing.join(", no "))]
    #[non_exhaustive]
    Incomplete {
        /// What is missing: `session`, `account id`, `role name`, `start URL`, `region of the start
        /// URL`.
        missing: Vec<&'static str>,
    },
    /// A file cannot be read.
    #[error(transparent)]
    Load(Arc<LoadError>),
    /// The profiles name each other as their source.
    #[error("{place}: the source profiles form a loop: {}", profiles.join(" -> "))]
    #[non_exhaustive]
    Loop {
        /// The profiles, the first one again at the end.
        profiles: Vec<String>,
        /// The line that closes the loop.
        place: Place,
    },
    /// The profile does not say where credentials come from.
    #[error(
        "{place}: profile `{profile}` has no credentials: it lacks sso_session or sso_start_url"
    )]
    #[non_exhaustive]
    NoCredentials {
        /// The profile.
        profile: String,
        /// The line of the profile.
        place: Place,
    },
    /// A session is asked for, of a profile that needs none.
    #[error("{place}: profile `{profile}` gets its credentials without a sign-in")]
    #[non_exhaustive]
    NoSession {
        /// The profile.
        profile: String,
        /// The line of the profile.
        place: Place,
    },
    /// Neither the environment nor a profile says where credentials come from.
    #[error("no credentials are configured: there is no profile `{profile}`")]
    #[non_exhaustive]
    Nothing {
        /// The profile that counts where none is named.
        profile: String,
    },
    /// An SSO role is asked for, of a profile that means something else.
    #[error("profile `{profile}` gets its credentials by {kind}, not by sso")]
    #[non_exhaustive]
    NotSso {
        /// The profile.
        profile: String,
        /// What it means.
        kind: &'static str,
    },
    /// The settings of the profile are incomplete or contradict each other.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A setting has a value that means nothing, or one that it needs beside it is missing.
    #[error("{place}: profile `{profile}`: {reason}")]
    #[non_exhaustive]
    Setting {
        /// The profile.
        profile: String,
        /// The line of the setting.
        place: Place,
        /// What is wrong.
        reason: String,
    },
    /// There are more source profiles behind each other than anybody needs.
    #[error("profile `{profile}` has over ten source profiles behind each other")]
    #[non_exhaustive]
    TooDeep {
        /// The profile that was asked for.
        profile: String,
    },
    /// A variable has a value that means nothing.
    #[error("{variable}: {reason}")]
    #[non_exhaustive]
    Value {
        /// The variable.
        variable: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A variable that counts cannot be read.
    #[error(transparent)]
    Variable(#[from] NotUnicode),
}

impl From<LoadError> for ResolveError {
    fn from(error: LoadError) -> Self {
        Self::Load(Arc::new(error))
    }
}
