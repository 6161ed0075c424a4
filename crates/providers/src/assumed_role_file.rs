//! Where the credentials of assumed roles are kept between processes.

use token_cache::{CacheFile, CachedAssumedRole, SourceSession, Step};
use wire::{Secret, Timestamp};

use crate::single_flight::{Kept, Shared};
use crate::{Context, Credentials, Error, Source};

/// The file of a role that was assumed.
#[derive(Clone, Debug)]
pub(crate) struct AssumedRoleFile {
    pub(crate) file: CacheFile,
    /// The session of Identity Center behind it.
    pub(crate) portal: Option<SourceSession>,
}

/// The file, with what it takes to use it.
pub(crate) struct KeptRole {
    pub(crate) context: Context,
    pub(crate) file: AssumedRoleFile,
}

impl Shared for KeptRole {
    fn file(&self) -> &CacheFile {
        &self.file.file
    }

    fn context(&self) -> &Context {
        &self.context
    }

    fn load(&self, now: Timestamp) -> Option<Kept> {
        load(&self.file.file, now)
    }

    /// A role that AWS refuses is not to be acted under; a missing code or sign-in is no refusal.
    fn is_final(error: &Error) -> bool {
        match error {
            Error::AssumeRole { source, .. } => {
                source.service().is_some_and(|error| error.is("AccessDenied"))
            }
            Error::Forbidden { .. } => true,
            _ => false,
        }
    }

    fn to_vec(&self, credentials: &Credentials, now: Timestamp) -> Option<Secret<Vec<u8>>> {
        let steps = credentials.sources.iter().map(|source| Step {
            provider: source.provider.to_string(),
            detail: source.detail.clone(),
            expiration: source.expiration,
        });
        let portal = self.file.portal.clone();
        let entry = CachedAssumedRole::new(credentials.to_cached()?, steps.collect(), now, portal);
        Some(entry.to_vec())
    }
}

/// Reads the credentials of an assumed role; anything unusable is as good as none.
pub(crate) fn load(file: &CacheFile, now: Timestamp) -> Option<Kept> {
    let bytes = Secret::new(file.load().ok()??);
    let entry = CachedAssumedRole::from_slice(bytes.expose()).ok()?;
    let serves = entry.serves(now);
    let mut credentials = Credentials::from_cached(entry.credentials);
    let sources = entry.steps.into_iter().map(|step| Source {
        provider: step.provider.into(),
        detail: step.detail,
        expiration: step.expiration,
    });
    credentials.sources = sources.collect();
    Some(Kept { credentials, fetched_at: Some(entry.fetched_at), serves })
}
