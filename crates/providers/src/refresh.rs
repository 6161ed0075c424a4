use std::sync::Arc;
use std::time::Duration;

use futures_lite::future;
use oidc_proto::{CreateToken, ErrorKind, Grant, Token};
use token_cache::{CachedRefusal, Freshness, Lock, Replacement};
use wire::Secret;

use crate::flight::Flight;
use crate::thread::Worker;
use crate::{AccessToken, Error, InvalidTokenCause, Service, SsoToken, Unfinished};

/// How often the file is looked at for the token of a program that refreshed first.
const ADOPTION_PAUSE: Duration = Duration::from_millis(50);

/// The extension of the note that a refresh token was refused.
const REFUSED: &str = "refused";

impl SsoToken {
    /// Refreshes `stale` under the lock, or adopts what another program has stored. With `force`
    /// the token is refreshed although it has not expired.
    pub(crate) async fn refresh(
        &self,
        stale: token_cache::CachedToken,
        force: bool,
    ) -> Result<AccessToken, Error> {
        if let Some(refusal) = self.refusal(&stale) {
            return self.refused_before(&stale, force, refusal);
        }
        let lock = match self.context.lock(&self.file).await {
            Ok(lock) => lock,
            Err(busy) => return self.still_valid(&stale, force, &busy).ok_or(busy),
        };
        let this = self.clone();
        let work = async move { this.refresh_locked(&stale, force, lock).await };
        Flight::begin(&*self.context.clock, work).landed().await
    }

    async fn refresh_locked(
        &self,
        stale: &token_cache::CachedToken,
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
        // A thread takes time to start, which the request has.
        let worker = async { Worker::start() };
        let (answer, worker) = future::zip(self.create_token(&token), worker).await;
        match answer {
            Ok(answer) => self.store(token, answer, replacement, worker, unfinished).await,
            Err(error) => {
                drop(replacement);
                self.recover(token, force, error).await
            }
        }
    }

    async fn create_token(&self, token: &token_cache::CachedToken) -> Result<Token, Error> {
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
        old: token_cache::CachedToken,
        answer: Token,
        replacement: Replacement,
        worker: Worker,
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
        self.context.did("wrote", &self.file);
        // All processes have it; the disk takes its time while the token is used.
        let (log, path) = (Arc::clone(&self.context.log), self.file.path().to_owned());
        worker.run(move || {
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
        read: &token_cache::CachedToken,
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
        token: token_cache::CachedToken,
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
    fn note_refusal(&self, token: &token_cache::CachedToken, kind: ErrorKind) {
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
    fn refusal(&self, token: &token_cache::CachedToken) -> Option<CachedRefusal> {
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
        token: &token_cache::CachedToken,
        force: bool,
        refusal: CachedRefusal,
    ) -> Result<AccessToken, Error> {
        let CachedRefusal { refused_at, error, .. } = refusal;
        let error = self.invalid(InvalidTokenCause::RefusedBefore { refused_at, error });
        self.still_valid(token, force, &error).ok_or(error)
    }

    /// Waits for the token of the program that refreshed first. Where the same refresh token was
    /// refused before, whoever spent it has had the time to write.
    async fn adopt(&self, spent: &token_cache::CachedToken) -> Option<AccessToken> {
        let is_about = |refusal: CachedRefusal| {
            spent.refresh_token.as_ref().is_some_and(|token| refusal.is_about(token))
        };
        let refused = self.noted_refusal().is_some_and(is_about);
        let adoption = if refused { Duration::ZERO } else { self.context.adoption };
        let mut waited = Duration::ZERO;
        loop {
            if let Ok(Some(bytes)) = self.file.load()
                && let Ok(token) = token_cache::CachedToken::from_slice(Secret::new(bytes).expose())
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
}

/// Whether a refusal means that no later refresh can succeed.
fn ends_session(kind: ErrorKind, status: u16) -> bool {
    match kind {
        ErrorKind::InternalServer | ErrorKind::SlowDown => false,
        ErrorKind::Other => matches!(status, 401 | 403),
        _ => true,
    }
}
