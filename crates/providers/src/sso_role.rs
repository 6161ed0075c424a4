use sso_proto::GetRoleCredentials;
use token_cache::{CacheFile, CacheKey, CachedCredentials, CachedRole, Directory, Origin, RoleKey};
use wire::{Secret, SessionCredentials, Timestamp};

use crate::single_flight::{self, Fetched, Kept, Shared};
use crate::{
    AccessToken, Context, Credentials, CredentialsFuture, Error, ProvideCredentials, Service,
    Session, SsoToken,
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
#[derive(Clone, Debug)]
pub struct SsoRole {
    token: SsoToken,
    account_id: String,
    role_name: String,
    file: Option<CacheFile>,
    force_refresh: bool,
}

const NAME: &str = "SSO role";

/// Looks for the credentials of a role in the AWS CLI's cache: one file is read, nothing else.
///
/// Credentials with too little life left are not found; see [`CachedRole::serves`].
pub(crate) fn probe(
    session: &Session,
    role: Role<'_>,
    cli_cache: &Directory,
    now: Timestamp,
) -> Option<Credentials> {
    let file = cli_cache.file(&role_key(session, role));
    let entry = load(&file, session).filter(|entry| entry.serves(now))?;
    Some(credentials(entry.credentials, session, role))
}

impl SsoRole {
    /// Provides the credentials of a role with the token of a session.
    pub fn new(token: SsoToken, role: Role<'_>) -> Self {
        Self {
            token: token.with_portal_ahead(),
            account_id: role.account_id.to_owned(),
            role_name: role.role_name.to_owned(),
            file: None,
            force_refresh: false,
        }
    }

    /// Keeps the credentials in the AWS CLI's cache, `~/.aws/cli/cache`, which the context knows.
    #[must_use]
    pub fn with_cache(mut self) -> Self {
        let cache = &self.token.context().caches.cli;
        self.file = Some(cache.file(&role_key(self.token.session(), self.role())));
        self
    }

    /// Fetches new credentials although there are cached ones.
    #[must_use]
    pub fn with_force_refresh(mut self, force_refresh: bool) -> Self {
        self.force_refresh = force_refresh;
        self
    }

    /// Returns what the cache has, where enough of its life is left. One file is read, nothing else.
    pub fn kept(&self) -> Option<Credentials> {
        let entry = load(self.file.as_ref()?, self.token.session())?;
        let serves = entry.serves(self.token.context().clock.now());
        serves.then(|| credentials(entry.credentials, self.token.session(), self.role()))
    }

    fn role(&self) -> Role<'_> {
        Role { account_id: &self.account_id, role_name: &self.role_name }
    }

    async fn provide(&self) -> Result<Credentials, Error> {
        let role = self.clone();
        let fetch = async move { role.fetch(role.token.context()).await };
        match &self.file {
            Some(file) => {
                let kept = KeptRole { role: self.clone(), file: file.clone() };
                single_flight::provide(kept, self.force_refresh, fetch).await
            }
            None => Ok(fetch.await?.credentials),
        }
    }

    async fn fetch(&self, context: &Context) -> Result<Fetched, Error> {
        let get = |token: AccessToken| async move {
            Ok((self.get_role_credentials(&token, context).await?, token.token))
        };
        let (fetched, token) = self.token.authorize(get).await?;
        // Whoever signs out, or in as another person, finds and removes what is kept by then.
        let shared = self.token.is_stored(&token);
        Ok(Fetched { credentials: self.credentials(fetched), shared })
    }

    async fn get_role_credentials(
        &self,
        token: &AccessToken,
        context: &Context,
    ) -> Result<SessionCredentials, Error> {
        let session = self.token.session();
        let endpoint = context.endpoints.of(Service::Sso, &token.region)?;
        let operation = GetRoleCredentials {
            access_token: &token.token,
            account_id: &self.account_id,
            role_name: &self.role_name,
        };
        context.call(&operation, &endpoint).await.map_err(|source| {
            match source.service().filter(|error| matches!(error.status, 403 | 404)) {
                Some(refusal) => Error::Forbidden {
                    account_id: self.account_id.clone(),
                    role_name: self.role_name.clone(),
                    session: session.to_string(),
                    source: Box::new(refusal.clone()),
                },
                None => Error::call("GetRoleCredentials", &endpoint, source),
            }
        })
    }

    fn credentials(&self, fetched: SessionCredentials) -> Credentials {
        let account_id = Some(self.account_id.clone());
        let credentials = Credentials { account_id, ..fetched.into() };
        got_by_sso(credentials, self.token.session(), self.role())
    }
}

/// The role, with the file that it is kept in.
struct KeptRole {
    role: SsoRole,
    file: CacheFile,
}

impl Shared for KeptRole {
    fn file(&self) -> &CacheFile {
        &self.file
    }

    fn context(&self) -> &Context {
        self.role.token.context()
    }

    fn load(&self, now: Timestamp) -> Option<Kept> {
        let session = self.role.token.session();
        let entry = load(&self.file, session)?;
        Some(Kept {
            serves: entry.serves(now),
            fetched_at: entry.origin.as_ref().map(|origin| origin.fetched_at),
            credentials: credentials(entry.credentials, session, self.role.role()),
        })
    }

    /// A role that is no longer assigned is not to be acted under.
    fn is_final(error: &Error) -> bool {
        matches!(error, Error::Forbidden { .. })
    }

    fn to_vec(&self, credentials: &Credentials, now: Timestamp) -> Option<Secret<Vec<u8>>> {
        let session = self.role.token.session();
        let origin = Origin {
            start_url: session.start_url.clone(),
            region: session.region.clone(),
            session_name: session.name.clone(),
            account_id: self.role.account_id.clone(),
            role_name: self.role.role_name.clone(),
            fetched_at: now,
        };
        Some(CachedRole::new(credentials.to_cached()?, Some(origin)).to_vec())
    }
}

impl ProvideCredentials for SsoRole {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(self.provide())
    }

    fn name(&self) -> &'static str {
        NAME
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

fn credentials(cached: CachedCredentials, session: &Session, role: Role<'_>) -> Credentials {
    let mut credentials = Credentials::from_cached(cached);
    credentials.account_id.get_or_insert_with(|| role.account_id.to_owned());
    got_by_sso(credentials, session, role)
}

fn got_by_sso(credentials: Credentials, session: &Session, role: Role<'_>) -> Credentials {
    let Role { account_id, role_name } = role;
    let detail = format!("{role_name} in account {account_id}, session `{session}`");
    credentials.got_by(Vec::new(), NAME, detail)
}
