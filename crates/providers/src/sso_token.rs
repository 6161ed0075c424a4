use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use token_cache::{CacheFile, FormatError, Freshness, Policy};
use wire::{Secret, ServiceError, Timestamp};

use crate::{Context, Error, InvalidTokenCause, Service, Session};

/// The access token of a session: loaded from the shared cache, refreshed when little of it is left
/// and adopted where another program refreshed it first.
///
/// A refresh is made once per machine, under the lock of the token file, and only where its answer
/// can be stored: the service may hand out a refresh token for one use. One that has begun is stored
/// whoever waits for it: the futures of this type may be dropped at any moment.
#[derive(Clone, Debug)]
pub struct SsoToken {
    pub(crate) context: Context,
    pub(crate) session: Session,
    pub(crate) file: CacheFile,
    policy: Policy,
    pub(crate) portal_ahead: bool,
}

/// An access token and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessToken {
    /// The token.
    pub token: Secret<String>,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The region that issued it; `sso_region`, unless a vanity start URL led elsewhere.
    pub region: String,
    /// Whether it was refreshed or adopted by the call that returned it.
    pub renewed: bool,
}

/// How often a file that may be half written is read again, and how long is waited between.
const REREADS: u32 = 16;
const REREAD_PAUSE: Duration = Duration::from_millis(30);

impl SsoToken {
    /// Finds the token of a session in the directory that all SDKs share, which the context knows.
    pub fn new(context: Context, session: Session) -> Self {
        let file = context.caches.sso.file(&session.cache_key());
        Self { context, session, file, policy: Policy::default(), portal_ahead: false }
    }

    /// Takes the token from another file.
    #[must_use]
    pub fn with_cached_token_path(self, path: impl AsRef<Path>) -> Self {
        Self { file: CacheFile::at(path.as_ref()), ..self }
    }

    /// Refreshes at other times.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Opens the connection to the portal while a refresh is under way: the token is for a call.
    #[must_use]
    pub fn with_portal_ahead(self) -> Self {
        Self { portal_ahead: true, ..self }
    }

    /// Returns the session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// Returns a token that lives, refreshed if need be.
    ///
    /// # Errors
    /// [`Error::InvalidToken`] where only a sign-in helps; others where the token has expired and
    /// the refresh failed for a reason that may pass.
    ///
    /// # Cancel safety
    /// The future may be dropped at any moment. A refresh that has begun goes on, and is stored.
    pub async fn token(&self) -> Result<AccessToken, Error> {
        let token = self.load().await?;
        let mut freshness = self.freshness(&token);
        if freshness == Freshness::Dead && self.may_live_by_another_clock(&token) {
            let portal = self.context.endpoints.of(Service::Sso, self.region(&token))?;
            if self.context.is_clock_wrong(&portal).await {
                freshness = self.freshness(&token);
            }
        }
        match freshness {
            Freshness::Fresh => Ok(self.access(&token, false)),
            Freshness::Dead => Err(self.expired()),
            _ => self.refresh(token, false).await,
        }
    }

    /// Returns another token than `spent`, which the service does not accept although it has not
    /// expired: one that another program has stored meanwhile, or a refreshed one.
    ///
    /// # Errors
    /// As [`SsoToken::token`].
    ///
    /// # Cancel safety
    /// As [`SsoToken::token`].
    pub async fn replace(&self, spent: &Secret<String>) -> Result<AccessToken, Error> {
        let token = self.load().await?;
        if token.access_token != *spent {
            return self.token().await;
        }
        if !token.is_refreshable(self.context.clock.now()) {
            return Err(self.expired());
        }
        self.refresh(token, true).await
    }

    /// Whether this is the token that the file holds.
    pub(crate) fn is_stored(&self, token: &Secret<String>) -> bool {
        let bytes = self.file.load().ok().flatten().map(Secret::new);
        let stored = bytes.and_then(|bytes| token_cache::CachedToken::read(bytes.expose()).ok());
        stored.is_some_and(|stored| stored.access_token == *token)
    }

    /// Reads the file; what looks half written is read again.
    pub(crate) async fn load(&self) -> Result<token_cache::CachedToken, Error> {
        let path = || self.file.path().to_owned();
        let mut attempt = 0;
        let token = loop {
            let bytes = match self.file.load() {
                Ok(Some(bytes)) => Secret::new(bytes),
                Ok(None) => return Err(self.invalid(InvalidTokenCause::Absent { path: path() })),
                Err(source) => {
                    return Err(Error::Unreadable {
                        session: self.session.to_string(),
                        path: path(),
                        source: Arc::new(source),
                    });
                }
            };
            match token_cache::CachedToken::from_slice(bytes.expose()) {
                Ok(token) => break token,
                Err(FormatError::Syntax { .. }) if attempt < REREADS => {
                    attempt += 1;
                    self.context.clock.sleep(REREAD_PAUSE).await;
                }
                Err(_) => {
                    break token_cache::CachedToken::read(bytes.expose()).map_err(|source| {
                        self.invalid(InvalidTokenCause::Malformed { path: path(), source })
                    })?;
                }
            }
        };
        if token.belongs_to(&self.session.start_url) {
            self.context.did("read", &self.file);
            return Ok(token);
        }
        let start_url = token.start_url.unwrap_or_default();
        Err(self.invalid(InvalidTokenCause::OtherPortal { path: path(), start_url }))
    }

    /// Whether a wrong clock is the likely reason that a token is dead: it was so when its file was
    /// written, or its registration, which lives for months, is over.
    fn may_live_by_another_clock(&self, token: &token_cache::CachedToken) -> bool {
        token.refresh_token.is_some() || self.file.written_at() >= Some(token.expires_at)
    }

    pub(crate) fn freshness(&self, token: &token_cache::CachedToken) -> Freshness {
        token.freshness(self.context.clock.now(), self.file.last_attempt(), &self.policy)
    }

    /// Returns the token where it can still be used although `error` happened. A token that the
    /// service does not accept cannot.
    pub(crate) fn still_valid(
        &self,
        token: &token_cache::CachedToken,
        rejected: bool,
        error: &Error,
    ) -> Option<AccessToken> {
        if rejected || token.is_expired(self.context.clock.now()) {
            return None;
        }
        let session = &self.session;
        self.context.log.warn(&format!("the token of `{session}` was not refreshed: {error}"));
        Some(self.access(token, false))
    }

    pub(crate) fn access(&self, token: &token_cache::CachedToken, renewed: bool) -> AccessToken {
        AccessToken {
            token: token.access_token.clone(),
            expires_at: token.expires_at,
            region: self.region(token).to_owned(),
            renewed,
        }
    }

    pub(crate) fn region<'a>(&'a self, token: &'a token_cache::CachedToken) -> &'a str {
        token.region.as_deref().unwrap_or(&self.session.region)
    }

    pub(crate) fn not_stored(&self, source: std::io::Error) -> Error {
        Error::Store { path: self.file.path().to_owned(), source: Arc::new(source) }
    }

    pub(crate) fn expired(&self) -> Error {
        self.invalid(InvalidTokenCause::Expired { path: self.file.path().to_owned() })
    }

    pub(crate) fn rejected(&self, error: ServiceError) -> Error {
        self.invalid(InvalidTokenCause::Rejected(Box::new(error)))
    }

    pub(crate) fn invalid(&self, cause: InvalidTokenCause) -> Error {
        Error::InvalidToken { session: Box::new(self.session.clone()), cause }
    }
}
