use std::fmt;
use std::time::Duration;

use oidc_proto::{ErrorKind, Token};
use providers::{Context, Role, Session, SsoToken, cached_files};
use token_cache::{CacheFile, CachedRegistration, Flow, Locking};
use wire::{Secret, Timestamp};

use crate::error::LoginError;
use crate::portal::Portal;
use crate::registration::Registrations;
use crate::ui::Ui;
use crate::{authorization_code, device_code, start_url};

/// A sign-in to one session.
#[non_exhaustive]
pub struct Login<'a> {
    /// Time, HTTP, notes, endpoints, and the directories of the token and of credentials.
    pub context: &'a Context,
    /// The session.
    pub session: &'a Session,
    /// The roles that profiles of the session name.
    pub known_roles: &'a [Role<'a>],
    /// How the person is reached.
    pub ui: &'a dyn Ui,
}

/// A sign-in that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedIn {
    /// Until when the access token is valid.
    pub expires_at: Timestamp,
    /// Whether it can be refreshed without a person.
    pub refreshable: bool,
    /// The way that was taken.
    pub flow: Flow,
}

/// How long another process may hold the lock of the token before it is stored without. A refresh
/// ends by itself in that time unless its server is very slow.
const LOCK: Duration = Duration::from_secs(5);

impl fmt::Debug for Login<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { context, session, known_roles, .. } = self;
        f.debug_struct("Login")
            .field("context", context)
            .field("session", session)
            .field("known_roles", known_roles)
            .finish_non_exhaustive()
    }
}

impl<'a> Login<'a> {
    /// Prepares a sign-in; the person is reached by `ui`.
    pub fn new(context: &'a Context, session: &'a Session, ui: &'a dyn Ui) -> Self {
        Self { context, session, known_roles: &[], ui }
    }

    /// Knows the roles that profiles of the session name: credentials that other tools have fetched
    /// for them are forgotten at a new sign-in.
    #[must_use]
    pub fn with_known_roles(self, known_roles: &'a [Role<'a>]) -> Self {
        Self { known_roles, ..self }
    }
}

impl Login<'_> {
    /// Signs in, and stores the token.
    ///
    /// An authorization code that cannot be had because nothing can listen on this machine, or
    /// because the service knows no such registration, gives way to a device code; one that a
    /// person refused does not.
    ///
    /// # Errors
    /// Fails where the sign-in cannot be started or finished, or the token not stored; what keeps it
    /// from being stored is found out before a person is asked, as far as it is so already.
    ///
    /// # Cancel safety
    /// The future may be dropped at any moment. What the person has confirmed by then is lost, unless
    /// it is stored already: the token file is replaced as a whole or not at all.
    pub async fn run(&self, flow: Flow) -> Result<SignedIn, LoginError> {
        let file = self.context.caches().sso.file(&self.session.cache_key());
        let store_error = |source| LoginError::Store { path: file.path().to_owned(), source };
        match file.try_lock() {
            Locking::Busy => {} // who holds the lock writes there
            _held => drop(file.prepare().map_err(store_error)?),
        }

        let portal = start_url::resolve(self.context, self.session).await?;
        let mut granted = self.ask(&portal, flow).await;
        let mut taken = flow;
        if let Err(error) = &granted
            && flow == Flow::AuthorizationCode
            && gives_way(error)
        {
            let reason = describe(error);
            self.context.log().warn(&format!("{reason}; using a device code instead"));
            taken = Flow::DeviceCode;
            granted = self.ask(&portal, taken).await;
        }
        let (registration, answer) = granted?;
        let _unfinished = self.context.unbroken().begin().await;
        let token = self.token(&portal, registration, answer);
        // The lock lets a refresh that is under way end first. One that takes too long must not cost
        // a sign-in that is done: it writes nothing over a file that it has not read.
        let patience = self.context.patience().min(LOCK);
        let patient = self.context.clone().with_patience(patience);
        let _lock = patient.lock(&file).await;
        self.keep_unreadable(&file);
        let is_new_portal = self.is_new_portal(&file);
        file.replace(token.to_vec().expose()).map_err(store_error)?;
        self.context.log().debug(&format!("wrote {}", file.path().display()));
        self.forget_former_identity(is_new_portal);
        let refreshable = token.is_refreshable(self.context.clock().now());
        Ok(SignedIn { expires_at: token.expires_at, refreshable, flow: taken })
    }

    /// Asks the person, one way or the other.
    async fn ask(
        &self,
        portal: &Portal<'_>,
        flow: Flow,
    ) -> Result<(CachedRegistration, Token), LoginError> {
        let registrations = Registrations::new(portal, self.session, flow);
        match flow {
            Flow::AuthorizationCode => {
                authorization_code::run(portal, &registrations, self.ui).await
            }
            Flow::DeviceCode => device_code::run(portal, &registrations, self.ui).await,
        }
    }

    /// Returns until when no sign-in is needed, because over 20 minutes of the token are left or it
    /// could be refreshed; `None` where only a sign-in helps.
    ///
    /// # Cancel safety
    /// The future may be dropped at any moment. A refresh that has begun goes on, and is stored.
    pub async fn spared_until(&self) -> Option<Timestamp> {
        let policy = token_cache::Policy::default();
        let token = SsoToken::new(self.context.clone(), self.session.clone()).with_policy(policy);
        let token = token.token().await.ok()?;
        let lives = self.context.clock().now().until(token.expires_at) >= policy.window;
        (lives || token.renewed).then_some(token.expires_at)
    }

    fn token(
        &self,
        portal: &Portal<'_>,
        registration: CachedRegistration,
        answer: Token,
    ) -> token_cache::CachedToken {
        let expires_at = self.context.clock().now() + answer.expires_in;
        let mut token = token_cache::CachedToken::new(answer.access_token, expires_at);
        token.start_url = Some(self.session.start_url.clone());
        token.region = Some(portal.region.clone());
        token.client_id = Some(registration.client_id);
        token.client_secret = Some(registration.client_secret);
        token.registration_expires_at = Some(registration.expires_at);
        token.refresh_token = answer.refresh_token;
        token
    }

    /// Keeps what nobody can read beside the token that takes its place: `<stem>.json.corrupt`.
    fn keep_unreadable(&self, file: &CacheFile) {
        let is_readable = file.load().is_ok_and(|bytes| {
            let bytes = bytes.map(Secret::new);
            bytes.is_none_or(|bytes| token_cache::CachedToken::read(bytes.expose()).is_ok())
        });
        if !is_readable && let Err(error) = file.set_aside() {
            let path = file.path().display();
            self.context.log().warn(&format!("the unreadable {path} is not kept: {error}"));
        }
    }

    /// Whether the file holds no token of this portal, be it a dead one.
    fn is_new_portal(&self, file: &CacheFile) -> bool {
        let bytes = file.load().ok().flatten().map(Secret::new);
        let former = bytes.and_then(|bytes| token_cache::CachedToken::read(bytes.expose()).ok());
        former.is_none_or(|token| !token.belongs_to(&self.session.start_url))
    }

    /// Removes the credentials that were got with the former token: whoever signs in now may be
    /// somebody else. The listings of a portal that is still the same hold names alone and stay.
    fn forget_former_identity(&self, is_new_portal: bool) {
        let caches = self.context.caches();
        let listing = caches.listings.file(&self.session.cache_key());
        let listings = [listing, caches.former_listing(self.session)];
        for file in cached_files(self.session, self.known_roles, caches) {
            if !is_new_portal && listings.contains(&file) {
                continue;
            }
            if let Err(error) = file.remove() {
                let path = file.path().display();
                self.context.log().warn(&format!("cannot remove {path}: {error}"));
            }
        }
    }
}

/// Whether a device code may succeed where an authorization code did not.
fn gives_way(error: &LoginError) -> bool {
    match error {
        LoginError::Listener(_) => true,
        LoginError::Call { operation: "RegisterClient", source, .. } => matches!(
            ErrorKind::of_call(source),
            Some(
                ErrorKind::UnsupportedGrantType
                    | ErrorKind::InvalidRedirectUri
                    | ErrorKind::InvalidClientMetadata
                    | ErrorKind::InvalidRequest
            )
        ),
        _ => false,
    }
}

fn describe(error: &LoginError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
