use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use oidc_proto::{CreateToken, ErrorKind, Grant, Token};
use token_cache::{
    CacheFile, CachedRefusal, Directory, FormatError, Freshness, Lock, Policy, Replacement,
};
use wire::{Secret, ServiceError, Timestamp};

use crate::flight::Flight;
use crate::unbroken::Unfinished;
use crate::{Context, Error, InvalidTokenCause, Service, Session, locking, thread};

/// The access token of a session: loaded from the shared cache, refreshed when little of it is left
/// and adopted where another program refreshed it first.
///
/// A refresh is made once per machine, under the lock of the token file, and only where its answer
/// can be stored: the service may hand out a refresh token for one use. One that has begun is stored
/// whoever waits for it: the futures of this type may be dropped at any moment.
#[derive(Clone)]
pub struct SsoToken {
    context: Context,
    session: Session,
    file: CacheFile,
    policy: Policy,
    portal_ahead: bool,
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

/// How often the file is looked at for the token of a program that refreshed first.
const ADOPTION_PAUSE: Duration = Duration::from_millis(50);

/// The extension of the note that a refresh token was refused.
const REFUSED: &str = "refused";

impl SsoToken {
    /// Finds the token of a session in the directory that all SDKs share, `~/.aws/sso/cache`.
    pub fn new(context: Context, session: Session, sso_cache: &Directory) -> Self {
        let file = sso_cache.file(&session.cache_key());
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
        let stored = bytes.and_then(|bytes| token_cache::SsoToken::from_slice(bytes.expose()).ok());
        stored.is_some_and(|stored| stored.access_token == *token)
    }

    /// Reads the file; what looks half written is read again.
    pub(crate) async fn load(&self) -> Result<token_cache::SsoToken, Error> {
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
            match token_cache::SsoToken::from_slice(bytes.expose()) {
                Ok(token) => break token,
                Err(FormatError::Syntax { .. }) if attempt < REREADS => {
                    attempt += 1;
                    self.context.clock.sleep(REREAD_PAUSE).await;
                }
                Err(source) => match token_cache::SsoToken::salvage(bytes.expose()) {
                    Ok(token) => break token,
                    Err(_) => {
                        return Err(
                            self.invalid(InvalidTokenCause::Malformed { path: path(), source })
                        );
                    }
                },
            }
        };
        if token.belongs_to(&self.session.start_url) {
            return Ok(token);
        }
        let start_url = token.start_url.unwrap_or_default();
        Err(self.invalid(InvalidTokenCause::OtherPortal { path: path(), start_url }))
    }

    /// Whether a wrong clock is the likely reason that a token is dead: it was so when its file was
    /// written, or its registration, which lives for months, is over.
    fn may_live_by_another_clock(&self, token: &token_cache::SsoToken) -> bool {
        token.refresh_token.is_some() || self.file.written_at() >= Some(token.expires_at)
    }

    fn freshness(&self, token: &token_cache::SsoToken) -> Freshness {
        token.freshness(self.context.clock.now(), self.file.last_attempt(), &self.policy)
    }

    /// Refreshes `stale` under the lock, or adopts what another program has stored. With `force`
    /// the token is refreshed although it has not expired.
    async fn refresh(
        &self,
        stale: token_cache::SsoToken,
        force: bool,
    ) -> Result<AccessToken, Error> {
        if let Some(refusal) = self.refusal(&stale) {
            return self.refused_before(&stale, force, refusal);
        }
        let lock = match locking::lock(&self.file, &self.context).await {
            Ok(lock) => lock,
            Err(busy) => return self.still_valid(&stale, force, &busy).ok_or(busy),
        };
        let this = self.clone();
        let work = async move { this.refresh_locked(&stale, force, lock).await };
        Flight::begin(&*self.context.clock, work).landed().await
    }

    async fn refresh_locked(
        &self,
        stale: &token_cache::SsoToken,
        force: bool,
        lock: Option<Lock>,
    ) -> Result<AccessToken, Error> {
        let token = self.load().await?;
        let changed = token.access_token != stale.access_token;
        match self.freshness(&token) {
            Freshness::Dead => return Err(self.expired()),
            Freshness::Fresh if changed || !force => return Ok(self.access(&token, changed)),
            _ => {}
        }
        if let Some(refusal) = self.refusal(&token) {
            return self.refused_before(&token, force, refusal);
        }
        let replacement = match self.file.prepare() {
            Ok(replacement) => replacement,
            Err(source) => {
                let error = self.not_stored(source);
                return self.still_valid(&token, force, &error).ok_or(error);
            }
        };
        if let Some(lock) = &lock {
            lock.mark_attempt(self.context.clock.now());
        }
        self.context.log.debug(&format!("refreshing the token of `{}`", self.session));
        // From here on the refresh token may be spent, and its successor is not stored.
        let unfinished = self.context.unbroken.begin().await;
        match self.create_token(&token).await {
            Ok(answer) => self.store(token, answer, replacement, unfinished).await,
            Err(error) => {
                drop(replacement);
                self.recover(token, force, error).await
            }
        }
    }

    async fn create_token(&self, token: &token_cache::SsoToken) -> Result<Token, Error> {
        let (Some(refresh_token), Some(client_id), Some(client_secret)) =
            (&token.refresh_token, &token.client_id, &token.client_secret)
        else {
            return Err(self.expired());
        };
        let grant = Grant::refresh_token(refresh_token);
        let operation = CreateToken { client_id, client_secret, grant, scope: None };
        let region = self.region(token);
        if self.portal_ahead
            && let Ok(portal) = self.context.endpoints.of(Service::Sso, region)
        {
            self.context.transport.connect_ahead(&portal);
        }
        let endpoint = self.context.endpoints.of(Service::Oidc, region)?;
        let answer = self.context.call(&operation, &endpoint).await;
        answer.map_err(|source| Error::call("CreateToken", &endpoint, source))
    }

    async fn store(
        &self,
        old: token_cache::SsoToken,
        answer: Token,
        replacement: Replacement,
        unfinished: Unfinished,
    ) -> Result<AccessToken, Error> {
        if let Some(other) = self.changed_since(&old).await {
            return other;
        }
        let mut token = old;
        token.access_token = answer.access_token;
        token.expires_at = self.context.clock.now() + answer.expires_in;
        // An answer without a refresh token leaves the old one valid.
        token.refresh_token = answer.refresh_token.or(token.refresh_token);
        token.start_url.get_or_insert_with(|| self.session.start_url.clone());
        token.region.get_or_insert_with(|| self.session.region.clone());
        let written = replacement.write_unsynced(token.to_vec().expose());
        let written = written.map_err(|source| Error::Lost {
            session: Box::new(self.session.clone()),
            path: self.file.path().to_owned(),
            source: Arc::new(source),
        })?;
        // All processes have it; the disk takes its time while the token is used.
        let (log, path) = (Arc::clone(&self.context.log), self.file.path().to_owned());
        thread::run(move || {
            if let Err(error) = written.sync() {
                log.warn(&format!("a loss of power may take {}: {error}", path.display()));
            }
            drop(unfinished);
        });
        Ok(self.access(&token, true))
    }

    /// What the file holds now, where that is not what was read: somebody has signed out, or in, or
    /// has refreshed without a lock. Their file stays as it is.
    async fn changed_since(
        &self,
        read: &token_cache::SsoToken,
    ) -> Option<Result<AccessToken, Error>> {
        use InvalidTokenCause::{Absent, OtherPortal};
        let now = match self.load().await {
            Ok(now) => now,
            Err(error) => {
                let cause = matches!(
                    error,
                    Error::InvalidToken { cause: Absent { .. } | OtherPortal { .. }, .. }
                );
                return cause.then_some(Err(error)); // what cannot be read is no other token
            }
        };
        if now.access_token == read.access_token && now.refresh_token == read.refresh_token {
            return None;
        }
        self.context.log.debug("another program has stored a token meanwhile");
        Some(if now.is_expired(self.context.clock.now()) {
            Err(self.expired())
        } else {
            Ok(self.access(&now, true))
        })
    }

    /// Goes on after a refresh that failed: with the token of another program, with the old token
    /// while it lives, or not at all.
    async fn recover(
        &self,
        token: token_cache::SsoToken,
        force: bool,
        error: Error,
    ) -> Result<AccessToken, Error> {
        let refusal = match &error {
            Error::Call { source, .. } => source.service().cloned(),
            _ => None,
        };
        let kind = refusal.as_ref().map(ErrorKind::of);
        if kind == Some(ErrorKind::InvalidGrant)
            && let Some(adopted) = self.adopt(&token).await
        {
            return Ok(adopted);
        }
        if let Some(valid) = self.still_valid(&token, force, &error) {
            return Ok(valid);
        }
        match (refusal, kind) {
            (Some(refusal), Some(kind)) if ends_session(kind, refusal.status) => {
                self.note_refusal(&token, kind);
                Err(self.invalid(InvalidTokenCause::Refused(Box::new(refusal))))
            }
            _ => Err(error),
        }
    }

    /// Notes that the service refused the refresh token, for the other processes of a dead session.
    fn note_refusal(&self, token: &token_cache::SsoToken, kind: ErrorKind) {
        let error = match kind {
            ErrorKind::ExpiredToken => "expired_token",
            ErrorKind::InvalidGrant => "invalid_grant",
            _ => return, // may be about the client or the request, and pass with those
        };
        let Some(refresh_token) = &token.refresh_token else { return };
        let refusal = CachedRefusal::new(refresh_token, self.context.clock.now(), error);
        // Where it cannot be noted, the next process asks by itself.
        let _ = self.file.beside(REFUSED).replace_unsynced(refusal.to_vec().expose());
    }

    /// Returns the note of another process that this refresh token was refused, where it is so young
    /// that nobody asks again.
    fn refusal(&self, token: &token_cache::SsoToken) -> Option<CachedRefusal> {
        let refusal = self.noted_refusal()?;
        refusal.bars(token.refresh_token.as_ref()?, self.context.clock.now()).then_some(refusal)
    }

    /// Returns the note beside the token, whatever it is about.
    pub(crate) fn noted_refusal(&self) -> Option<CachedRefusal> {
        let bytes = self.file.beside(REFUSED).load().ok()??;
        CachedRefusal::from_slice(&bytes).ok()
    }

    fn refused_before(
        &self,
        token: &token_cache::SsoToken,
        force: bool,
        refusal: CachedRefusal,
    ) -> Result<AccessToken, Error> {
        let CachedRefusal { refused_at, error, .. } = refusal;
        let error = self.invalid(InvalidTokenCause::RefusedBefore { refused_at, error });
        self.still_valid(token, force, &error).ok_or(error)
    }

    /// Waits for the token of the program that refreshed first. Where the same refresh token was
    /// refused before, whoever spent it has had the time to write.
    async fn adopt(&self, spent: &token_cache::SsoToken) -> Option<AccessToken> {
        let is_about = |refusal: CachedRefusal| {
            spent.refresh_token.as_ref().is_some_and(|token| refusal.is_about(token))
        };
        let refused = self.noted_refusal().is_some_and(is_about);
        let adoption = if refused { Duration::ZERO } else { self.context.adoption };
        let mut waited = Duration::ZERO;
        loop {
            if let Ok(Some(bytes)) = self.file.load()
                && let Ok(token) = token_cache::SsoToken::from_slice(Secret::new(bytes).expose())
                && token.access_token != spent.access_token
                && token.belongs_to(&self.session.start_url)
                && !token.is_expired(self.context.clock.now())
            {
                self.context.log.debug("adopted a token that another program refreshed");
                return Some(self.access(&token, true));
            }
            if waited >= adoption {
                return None;
            }
            self.context.clock.sleep(ADOPTION_PAUSE).await;
            waited += ADOPTION_PAUSE;
        }
    }

    /// Returns the token where it can still be used although `error` happened. A token that the
    /// service does not accept cannot.
    fn still_valid(
        &self,
        token: &token_cache::SsoToken,
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

    fn access(&self, token: &token_cache::SsoToken, renewed: bool) -> AccessToken {
        AccessToken {
            token: token.access_token.clone(),
            expires_at: token.expires_at,
            region: self.region(token).to_owned(),
            renewed,
        }
    }

    fn region<'a>(&'a self, token: &'a token_cache::SsoToken) -> &'a str {
        token.region.as_deref().unwrap_or(&self.session.region)
    }

    fn not_stored(&self, source: std::io::Error) -> Error {
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

/// Whether a refusal means that no later refresh can succeed.
fn ends_session(kind: ErrorKind, status: u16) -> bool {
    match kind {
        ErrorKind::InternalServer | ErrorKind::SlowDown => false,
        ErrorKind::Other => matches!(status, 401 | 403),
        _ => true,
    }
}
