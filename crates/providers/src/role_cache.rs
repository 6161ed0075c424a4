use token_cache::{CacheFile, CachedAssumedRole, CachedRole, Directory};
use wire::{Secret, Timestamp};

use crate::sso_role::role_key;
use crate::{Caches, Role, Session};

/// The cached credentials of a role, without the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CachedRoleEntry {
    /// The account.
    pub account_id: String,
    /// The role.
    pub role_name: String,
    /// Until when the credentials are valid.
    pub expiration: Timestamp,
    /// The file.
    pub file: CacheFile,
}

/// Finds the cached role credentials of a session: the entries that say so themselves, and those of
/// other tools whose name a role of `known` yields.
pub fn cached_roles(
    session: &Session,
    known: &[Role<'_>],
    cli_cache: &Directory,
) -> Vec<CachedRoleEntry> {
    let named: Vec<_> =
        known.iter().map(|role| (cli_cache.file(&role_key(session, *role)), role)).collect();
    let mut entries = Vec::new();
    for file in cli_cache.files().unwrap_or_default() {
        let Ok(Some(bytes)) = file.load() else { continue };
        let Ok(entry) = CachedRole::from_slice(Secret::new(bytes).expose()) else { continue };
        let expiration = entry.credentials.keys.expiration;
        let role = match (&entry.origin, named.iter().find(|(name, _)| *name == file)) {
            (Some(origin), _) if origin.is_of(session.key()) => {
                (origin.account_id.clone(), origin.role_name.clone())
            }
            (None, Some((_, role))) => (role.account_id.to_owned(), role.role_name.to_owned()),
            _ => continue,
        };
        let (account_id, role_name) = role;
        entries.push(CachedRoleEntry { account_id, role_name, expiration, file });
    }
    entries.sort_by(|a, b| (&a.account_id, &a.role_name).cmp(&(&b.account_id, &b.role_name)));
    entries
}

/// Finds every file that was got with the token of a session: the credentials of its roles, see
/// [`cached_roles`], those of roles that were assumed with them, and the lists of its accounts.
pub fn cached_files(session: &Session, known: &[Role<'_>], caches: &Caches) -> Vec<CacheFile> {
    let roles = cached_roles(session, known, &caches.cli).into_iter().map(|entry| entry.file);
    let is_of_session = |file: &CacheFile| {
        let bytes = file.load().ok().flatten().map(Secret::new);
        let entry = bytes.and_then(|bytes| CachedAssumedRole::from_slice(bytes.expose()).ok());
        entry.is_some_and(|entry| entry.is_of(session.key()))
    };
    let assumed = caches.assumed_roles.files().unwrap_or_default();
    let listings = [caches.listings.file(&session.cache_key()), caches.former_listing(session)];
    let listings = listings.into_iter().filter(|file| file.path().exists());
    roles.chain(assumed.into_iter().filter(is_of_session)).chain(listings).collect()
}
