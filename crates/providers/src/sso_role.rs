use std::time::Duration;

use sso_proto::{GetRoleCredentials, RoleCredentials};
use token_cache::{CacheFile, CacheKey, CachedCredentials, CachedRole, Directory, Origin, RoleKey};
use wire::{Secret, ServiceError, Timestamp};

use crate::sso_token::call_error;
use crate::{
    AccessToken, Context, Credentials, CredentialsFuture, Error, ProvideCredentials, Service,
    Session, SsoToken, locking,
};

/// A role in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "account and role, built by literal")]
pub struct Role<'a> {
    /// The account, twelve digits.
    pub account_id: &'a str,
    /// The name of the permission set.
    pub role_name: &'a str,
}

/// The credentials of a role, fetched with the token of a session and kept in the AWS CLI's cache.
pub struct SsoRole {
    token: SsoToken,
    account_id: String,
    role_name: String,
    file: Option<CacheFile>,
    force_refresh: bool,
}

/// Credentials that live at least so long are still served when no new ones can be had.
const LAST_RESORT: Duration = Duration::from_secs(60);

/// Looks for the credentials of a role in the AWS CLI's cache: one file is read, nothing else.
///
/// Credentials with too little life left are not found; see [`CachedRole::serves`].
pub fn probe(
    session: &Session,
    role: Role<'_>,
    cli_cache: &Directory,
    now: Timestamp,
) -> Option<Credentials> {
    let file = cli_cache.file(&role_key(session, role));
    let entry = load(&file, session).filter(|entry| entry.serves(now))?;
    Some(credentials(entry.credentials, role.account_id))
}

impl SsoRole {
    /// Provides the credentials of a role with the token of a session.
    pub fn new(token: SsoToken, role: Role<'_>) -> Self {
        Self {
            token,
            account_id: role.account_id.to_owned(),
            role_name: role.role_name.to_owned(),
            file: None,
            force_refresh: false,
        }
    }

    /// Keeps the credentials in the AWS CLI's cache, `~/.aws/cli/cache`.
    #[must_use]
    pub fn with_cli_cache(mut self, cli_cache: &Directory) -> Self {
        self.file = Some(cli_cache.file(&role_key(self.token.session(), self.role())));
        self
    }

    /// Fetches new credentials although there are cached ones.
    #[must_use]
    pub fn with_force_refresh(mut self, force_refresh: bool) -> Self {
        self.force_refresh = force_refresh;
        self
    }

    fn role(&self) -> Role<'_> {
        Role { account_id: &self.account_id, role_name: &self.role_name }
    }

    async fn provide(&self) -> Result<Credentials, Error> {
        let context = self.token.context();
        let Some(file) = &self.file else {
            return Ok(self.credentials(self.fetch(context).await?));
        };
        let cached = |now| {
            load(file, self.token.session())
                .filter(|entry| entry.serves(now))
                .map(|entry| credentials(entry.credentials, &self.account_id))
        };
        if !self.force_refresh
            && let Some(credentials) = cached(context.clock.now())
        {
            return Ok(credentials);
        }
        // One process fetches, the others find what it stored.
        let asked_at = context.clock.now();
        let lock = locking::lock(file, context).await;
        if let Some(entry) = load(file, self.token.session())
            && entry.serves(context.clock.now())
            && (!self.force_refresh
                || entry.origin.as_ref().is_some_and(|origin| origin.fetched_at > asked_at))
        {
            return Ok(credentials(entry.credentials, &self.account_id));
        }
        let fetched = match lock {
            Ok(_) => self.fetch(context).await,
            Err(busy) => Err(busy),
        };
        match fetched {
            Ok(fetched) => {
                self.store(file, &fetched, context);
                Ok(self.credentials(fetched))
            }
            Err(error) => self.last_resort(file, error, context),
        }
    }

    async fn fetch(&self, context: &Context) -> Result<RoleCredentials, Error> {
        let token = self.token.token().await?;
        let error = match self.get_role_credentials(&token, context).await {
            Err(error) if unauthorized(&error).is_some() => error,
            result => return result,
        };
        // The session may have been ended elsewhere and begun again by another program.
        context.log.debug(&format!("the token was not accepted: {error}"));
        let token = self.token.replace(&token.token).await?;
        self.get_role_credentials(&token, context).await.map_err(|error| {
            match unauthorized(&error) {
                Some(refusal) => self.token.rejected(refusal),
                None => error,
            }
        })
    }

    async fn get_role_credentials(
        &self,
        token: &AccessToken,
        context: &Context,
    ) -> Result<RoleCredentials, Error> {
        let session = self.token.session();
        let endpoint = context.endpoints.of(Service::Sso, &token.region)?;
        let operation = GetRoleCredentials {
            access_token: &token.token,
            account_id: &self.account_id,
            role_name: &self.role_name,
        };
        wire::call(&operation, &endpoint, &*context.transport).await.map_err(|source| match source
            .service()
            .filter(|error| matches!(error.status, 403 | 404))
        {
            Some(refusal) => Error::Denied {
                account_id: self.account_id.clone(),
                role_name: self.role_name.clone(),
                session: session.to_string(),
                source: Box::new(refusal.clone()),
            },
            None => call_error("GetRoleCredentials", &endpoint, source),
        })
    }

    fn store(&self, file: &CacheFile, fetched: &RoleCredentials, context: &Context) {
        let session = self.token.session();
        let entry = CachedRole::new(
            CachedCredentials::new(
                fetched.access_key_id.clone(),
                fetched.secret_access_key.clone(),
                fetched.session_token.clone(),
                fetched.expiration,
                Some(self.account_id.clone()),
            ),
            Some(Origin {
                start_url: session.start_url.clone(),
                region: session.region.clone(),
                session_name: session.name.clone(),
                account_id: self.account_id.clone(),
                role_name: self.role_name.clone(),
                fetched_at: context.clock.now(),
            }),
        );
        if let Err(error) = file.replace(entry.to_vec().expose()) {
            let path = file.path().display();
            context.log.warn(&format!("the credentials are not cached, {path}: {error}"));
        }
    }

    /// Serves credentials that are about to expire where new ones cannot be had, unless the role is
    /// no longer assigned.
    fn last_resort(
        &self,
        file: &CacheFile,
        error: Error,
        context: &Context,
    ) -> Result<Credentials, Error> {
        if self.force_refresh || matches!(error, Error::Denied { .. }) {
            return Err(error);
        }
        let latest = context.clock.now() + LAST_RESORT;
        match load(file, self.token.session()) {
            Some(entry) if entry.credentials.expiration > latest => {
                context.log.warn(&format!("serving credentials about to expire: {error}"));
                Ok(credentials(entry.credentials, &self.account_id))
            }
            _ => Err(error),
        }
    }

    fn credentials(&self, fetched: RoleCredentials) -> Credentials {
        Credentials::new(
            fetched.access_key_id,
            fetched.secret_access_key,
            Some(fetched.session_token),
            Some(fetched.expiration),
            Some(self.account_id.clone()),
        )
    }
}

impl ProvideCredentials for SsoRole {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(self.provide())
    }

    fn name(&self) -> &'static str {
        "SSO role"
    }
}

pub(crate) fn role_key(session: &Session, role: Role<'_>) -> CacheKey {
    CacheKey::for_role(&RoleKey {
        account_id: role.account_id,
        role_name: role.role_name,
        session: session.key(),
    })
}

/// Reads an entry of the right portal; anything else is as good as none.
fn load(file: &CacheFile, session: &Session) -> Option<CachedRole> {
    let bytes = Secret::new(file.load().ok()??);
    let entry = CachedRole::from_slice(bytes.expose()).ok()?;
    entry.belongs_to(&session.start_url, &session.region).then_some(entry)
}

fn credentials(cached: CachedCredentials, account_id: &str) -> Credentials {
    Credentials::new(
        cached.access_key_id,
        cached.secret_access_key,
        Some(cached.session_token),
        Some(cached.expiration),
        Some(cached.account_id.unwrap_or_else(|| account_id.to_owned())),
    )
}

/// Returns the refusal where the service did not accept the token.
fn unauthorized(error: &Error) -> Option<ServiceError> {
    match error {
        Error::Call { source, .. } => source.service().filter(|error| error.status == 401).cloned(),
        _ => None,
    }
}
