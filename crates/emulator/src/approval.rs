//! Who decides about a sign-in, and what becomes of it.

use serde::Deserialize;

/// Who decides about a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Approval {
    /// Every sign-in is approved, without a page.
    Automatic,
    /// Every sign-in is denied, without a page.
    Deny,
    /// The person at the page, or a test through [`crate::Idp`].
    Manual,
}

impl Approval {
    /// What is decided without a page, for `user` where it is an approval.
    pub(crate) fn decision(self, user: &str) -> Option<Decision> {
        match self {
            Self::Automatic => Some(Decision::Approved { user: user.to_owned() }),
            Self::Deny => Some(Decision::Denied),
            Self::Manual => None,
        }
    }
}

/// What the user said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Approved {
        /// The address of who approved.
        user: String,
    },
    Denied,
}

/// Why a sign-in was neither approved nor denied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApproveError {
    /// Somebody has decided before.
    #[error("the code has already been used")]
    AlreadyDecided,
    /// The code was not entered in time.
    #[error("the code has expired")]
    Expired,
    /// The authorize URL names no client, or one that may not be redirected to.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// No device shows this code.
    #[error("no device shows this code")]
    UnknownCode,
    /// The scenario has no such user.
    #[error("there is no such user")]
    UnknownUser,
}
