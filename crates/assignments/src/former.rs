use providers::{Caches, Session};
use serde::{Deserialize, Serialize};
use token_cache::CacheFile;
use wire::Timestamp;

use crate::{Index, Portal};

/// The version of the format. Another one is as good as none.
const VERSION: u32 = 1;

/// The largest file that is read, in bytes: that of two listings.
const MAX_FORMER: u64 = 64 << 20;

/// What changed between two complete listings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// When the earlier listing was made: the last one that was different, else the first one.
    pub since: Timestamp,
    /// When the last complete listing was made.
    pub until: Timestamp,
    /// What changed, by accounts and roles.
    pub list: Vec<Change>,
}

/// A change of an account, or of a role in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// The account.
    pub account_id: String,
    /// Its name, the last one where it is gone.
    pub account_name: Option<String>,
    /// The role; `None` for a change of the account itself.
    pub role_name: Option<String>,
}

/// What happened to an account or a role.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// It was not there before.
    New,
    /// It is there no more.
    Gone,
    /// The account had another name.
    #[non_exhaustive]
    Renamed {
        /// The name before.
        from: Option<String>,
    },
}

/// The file: the last complete listing, and the one before it that was different.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Former {
    version: u32,
    start_url: String,
    region: String,
    before: Option<Snapshot>,
    last: Snapshot,
}

#[derive(Serialize, Deserialize)]
struct Snapshot {
    at: i64,
    /// Sorted by account id.
    accounts: Vec<Entry>,
}

/// What of an account is compared.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    account_id: String,
    account_name: Option<String>,
    /// Sorted.
    role_names: Vec<String>,
}

/// Returns what changed since the complete listing before the last one, `None` where there is none.
pub(crate) fn changes(session: &Session, caches: &Caches) -> Option<Changes> {
    let portal = Portal { start_url: &session.start_url, region: &session.region };
    let Former { before, last, .. } = read(&caches.former_listing(session), portal)?;
    let before = before?;
    let mut list = Vec::new();
    let mut old = before.accounts.iter().peekable();
    for new in &last.accounts {
        while let Some(gone) = old.next_if(|old| old.account_id < new.account_id) {
            list.extend(gone.changes(|| ChangeKind::Gone));
        }
        match old.next_if(|old| old.account_id == new.account_id) {
            Some(old) => list.extend(new.changes_from(old)),
            None => list.extend(new.changes(|| ChangeKind::New)),
        }
    }
    list.extend(old.flat_map(|gone| gone.changes(|| ChangeKind::Gone)));
    let (since, until) = (Timestamp::from_unix(before.at), Timestamp::from_unix(last.at));
    Some(Changes { since, until, list })
}

/// Keeps a complete listing as the last one. That before it is kept as long as nothing changes, so
/// that a change is told until the next one, however often is listed in between.
pub(crate) fn keep(
    file: &CacheFile,
    portal: Portal<'_>,
    index: &Index,
    now: Timestamp,
) -> std::io::Result<()> {
    let accounts = index.assigned().iter().map(|assigned| Entry {
        account_id: assigned.account.account_id.clone(),
        account_name: assigned.account.account_name.clone(),
        role_names: assigned.role_names().to_vec(),
    });
    let last = Snapshot { at: now.unix(), accounts: accounts.collect() };
    let before = read(file, portal).map(|kept| match kept.before {
        Some(before) if kept.last.accounts == last.accounts => before,
        _ => kept.last,
    });
    let (start_url, region) = (portal.start_url.to_owned(), portal.region.to_owned());
    let former = Former { version: VERSION, start_url, region, before, last };
    file.replace_unsynced(&serde_json::to_vec(&former)?)
}

/// Reads the file; what is damaged, or of another portal, is as good as none.
fn read(file: &CacheFile, portal: Portal<'_>) -> Option<Former> {
    let bytes = file.load_at_most(MAX_FORMER).ok()??;
    let former: Former = serde_json::from_slice(&bytes).ok()?;
    let found = Portal { start_url: &former.start_url, region: &former.region };
    (former.version == VERSION && found == portal).then_some(former)
}

impl Entry {
    /// The account and all of its roles.
    fn changes(&self, kind: impl Fn() -> ChangeKind) -> Vec<Change> {
        let roles = self.role_names.iter().map(|role_name| self.change(kind(), Some(role_name)));
        std::iter::once(self.change(kind(), None)).chain(roles).collect()
    }

    fn changes_from(&self, old: &Self) -> Vec<Change> {
        let is_renamed = self.account_name != old.account_name;
        let kind = ChangeKind::Renamed { from: old.account_name.clone() };
        let renamed = is_renamed.then(|| self.change(kind, None));
        let is_new = |role_name: &&String| !old.role_names.contains(role_name);
        let is_gone = |role_name: &&String| !self.role_names.contains(role_name);
        let new = self.role_names.iter().filter(is_new);
        let new = new.map(|role_name| self.change(ChangeKind::New, Some(role_name)));
        let gone = old.role_names.iter().filter(is_gone);
        let gone = gone.map(|role_name| self.change(ChangeKind::Gone, Some(role_name)));
        renamed.into_iter().chain(new).chain(gone).collect()
    }

    fn change(&self, kind: ChangeKind, role_name: Option<&String>) -> Change {
        Change {
            kind,
            account_id: self.account_id.clone(),
            account_name: self.account_name.clone(),
            role_name: role_name.cloned(),
        }
    }
}
