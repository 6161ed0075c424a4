use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wire::Timestamp;

use crate::{Assigned, AssignedAccount, Roles};

/// The version of the format. Another one is as good as none.
const VERSION: u32 = 1;

/// How long the list of accounts is believed.
const FRESH: Duration = Duration::from_secs(15 * 60);

/// How long the roles of an account are believed. That there are none is believed as long as the list
/// of accounts: somebody is about to assign one.
const ROLES_FRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// What is known of the accounts and roles of a person in one session.
///
/// As a file it is a journal: a line for each fact, `<CRC-32 of the JSON in hex> <JSON>`. The first
/// one names version and portal, later ones win, and a last line without its end is what a killed
/// process was writing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// Sorted by account id.
    assigned: Vec<Assigned>,
    /// When the accounts were listed.
    listed_at: Option<Timestamp>,
    /// When the last listing of all roles ended.
    completed_at: Option<Timestamp>,
}

/// Whose index it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what names a portal, built by literal")]
pub struct Portal<'p> {
    /// The start URL.
    pub start_url: &'p str,
    /// The region of Identity Center.
    pub region: &'p str,
}

/// The file is no index, or not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DamagedIndex {
    /// The line, counted from 1.
    pub line: usize,
}

/// One line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Record<'a> {
    /// What the file is.
    #[serde(rename_all = "camelCase")]
    Index { version: u32, start_url: String, region: String },
    /// All accounts; those that are not among them are gone.
    Accounts { at: i64, list: Vec<AssignedAccount> },
    /// The roles of an account.
    #[serde(rename_all = "camelCase")]
    Roles {
        #[serde(borrow)]
        account_id: Cow<'a, str>,
        at: i64,
        role_names: Vec<String>,
    },
    /// The roles of all accounts are known.
    Complete { at: i64 },
}

impl Index {
    /// Reads an index. That of another portal or another version is an empty one.
    ///
    /// # Errors
    /// Fails where a line is not what was written.
    pub fn from_slice(bytes: &[u8], portal: Portal<'_>) -> Result<Self, DamagedIndex> {
        let mut index = Self::default();
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
        match lines.next().map(|(_, line)| read(line)) {
            Some(Some(Record::Index { version, start_url, region })) => {
                let found = Portal { start_url: &start_url, region: &region };
                if version != VERSION || found != portal {
                    return Ok(index);
                }
            }
            _ => return Err(DamagedIndex { line: 1 }),
        }
        for (number, line) in lines {
            if !line.ends_with(b"\n") {
                break; // cut off
            }
            let damaged = DamagedIndex { line: number + 1 };
            match read(line).ok_or(damaged)? {
                Record::Index { .. } => return Err(damaged),
                Record::Accounts { at, list } => {
                    index.set_accounts(list, Timestamp::from_unix(at));
                }
                Record::Roles { account_id, at, role_names } => {
                    index.set_roles(&account_id, role_names, Timestamp::from_unix(at));
                }
                Record::Complete { at } => index.completed_at = Some(Timestamp::from_unix(at)),
            }
        }
        Ok(index)
    }

    /// Writes the index.
    pub fn to_vec(&self, portal: Portal<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let Portal { start_url, region } = portal;
        let (start_url, region) = (start_url.to_owned(), region.to_owned());
        bytes.extend(write(&Record::Index { version: VERSION, start_url, region }));
        if let Some(at) = self.listed_at {
            let list = self.assigned.iter().map(|assigned| assigned.account.clone()).collect();
            bytes.extend(write(&Record::Accounts { at: at.unix(), list }));
        }
        for assigned in &self.assigned {
            bytes.extend(Self::roles_record(assigned));
        }
        if let Some(at) = self.completed_at {
            bytes.extend(write(&Record::Complete { at: at.unix() }));
        }
        bytes
    }

    /// Writes the line that adds the roles of an account to the file; nothing where there are none.
    pub fn roles_record(assigned: &Assigned) -> Vec<u8> {
        let Some(roles) = &assigned.roles else { return Vec::new() };
        write(&Record::Roles {
            account_id: assigned.account.account_id.as_str().into(),
            at: roles.listed_at.unix(),
            role_names: roles.role_names.clone(),
        })
    }

    /// Returns the accounts, sorted by their ids.
    pub fn assigned(&self) -> &[Assigned] {
        &self.assigned
    }

    /// Gives the accounts away, sorted by their ids.
    pub fn into_assigned(self) -> Vec<Assigned> {
        self.assigned
    }

    /// Returns an account with its roles.
    pub fn account(&self, account_id: &str) -> Option<&Assigned> {
        let found = self.position(account_id).ok()?;
        self.assigned.get(found)
    }

    /// Returns when the accounts were listed.
    pub fn listed_at(&self) -> Option<Timestamp> {
        self.listed_at
    }

    /// Returns when the last listing of all roles ended.
    pub fn completed_at(&self) -> Option<Timestamp> {
        self.completed_at
    }

    /// Takes a new list of accounts; the roles of those that are still there stay known.
    pub fn set_accounts(&mut self, mut accounts: Vec<AssignedAccount>, listed_at: Timestamp) {
        accounts.sort();
        accounts.dedup_by(|later, first| later.account_id == first.account_id);
        let mut known = std::mem::take(&mut self.assigned).into_iter().peekable();
        let assigned = accounts.into_iter().map(|account| {
            while known.next_if(|old| old.account.account_id < account.account_id).is_some() {}
            let same = known.next_if(|old| old.account.account_id == account.account_id);
            Assigned { account, roles: same.and_then(|old| old.roles) }
        });
        self.assigned = assigned.collect();
        self.listed_at = Some(listed_at);
    }

    /// Takes the roles of an account; those of an account that is not there are of no use.
    pub fn set_roles(
        &mut self,
        account_id: &str,
        mut role_names: Vec<String>,
        listed_at: Timestamp,
    ) {
        role_names.sort();
        role_names.dedup();
        if let Ok(found) = self.position(account_id)
            && let Some(assigned) = self.assigned.get_mut(found)
        {
            assigned.roles = Some(Roles { role_names, listed_at });
        }
    }

    /// Removes an account that is gone.
    pub fn remove(&mut self, account_id: &str) {
        self.assigned.retain(|assigned| assigned.account.account_id != account_id);
    }

    /// Notes that a listing has ended, where the roles of all accounts are known; tells whether they
    /// are.
    pub fn complete(&mut self, now: Timestamp) -> bool {
        let is_complete = self.assigned.iter().all(|assigned| is_known(assigned, None, now));
        if is_complete {
            self.completed_at = Some(now);
        }
        is_complete
    }

    /// Whether the list of accounts need not be asked for again.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.listed_at.max(self.completed_at).is_some_and(|at| is_within(at, FRESH, now))
    }

    fn position(&self, account_id: &str) -> Result<usize, usize> {
        self.assigned
            .binary_search_by(|assigned| assigned.account.account_id.as_str().cmp(account_id))
    }
}

/// Whether the roles of an account need not be asked for again; those that were listed before `since`
/// do not count.
pub(crate) fn is_known(assigned: &Assigned, since: Option<Timestamp>, now: Timestamp) -> bool {
    assigned.roles.as_ref().is_some_and(|Roles { role_names, listed_at }| {
        let span = if role_names.is_empty() { FRESH } else { ROLES_FRESH };
        is_within(*listed_at, span, now) && since.is_none_or(|since| *listed_at >= since)
    })
}

/// Whether `at` lies so shortly before `now`. What lies ahead was written under another clock.
fn is_within(at: Timestamp, span: Duration, now: Timestamp) -> bool {
    at <= now && at.until(now) < span
}

fn write(record: &Record<'_>) -> Vec<u8> {
    let json = serde_json::to_string(record).unwrap_or_default(); // strings and numbers alone
    format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes())).into_bytes()
}

fn read(line: &[u8]) -> Option<Record<'_>> {
    let (sum, json) = line.strip_suffix(b"\n")?.split_at_checked(8)?;
    let json = json.strip_prefix(b" ")?;
    let mut expected = [0; 8];
    hex::encode_to_slice(crc32fast::hash(json).to_be_bytes(), &mut expected).ok()?;
    // As a text, its strings need not be checked one by one.
    (expected == sum).then(|| serde_json::from_str(std::str::from_utf8(json).ok()?).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTAL: Portal<'static> =
        Portal { start_url: "https://d-1.awsapps.com/start", region: "eu-west-1" };

    fn time(seconds: i64) -> Timestamp {
        Timestamp::from_unix(1_767_323_045 + seconds)
    }

    fn account(id: &str, name: &str) -> AssignedAccount {
        let email_address = Some(format!("{name}@example.com"));
        AssignedAccount {
            account_id: id.to_owned(),
            account_name: Some(name.to_owned()),
            email_address,
        }
    }

    fn index() -> Index {
        let mut index = Index::default();
        index.set_accounts(vec![account("2", "staging"), account("1", "prod")], time(0));
        index.set_roles("1", vec!["ReadOnly".into(), "Admin".into()], time(1));
        index
    }

    #[test]
    fn what_is_written_is_read() {
        let mut index = index();
        index.set_roles("2", vec![], time(2));
        index.complete(time(3));
        assert_eq!(index.completed_at(), Some(time(3)));
        let bytes = index.to_vec(PORTAL);
        assert_eq!(Index::from_slice(&bytes, PORTAL).unwrap(), index);
        let other = Portal { region: "us-east-1", ..PORTAL };
        assert_eq!(Index::from_slice(&bytes, other).unwrap(), Index::default());
    }

    #[test]
    fn later_lines_win_and_a_cut_one_is_dropped() {
        let mut bytes = index().to_vec(PORTAL);
        let mut later = index();
        later.set_roles("2", vec!["Operator".into()], time(2));
        let record = Index::roles_record(later.account("2").unwrap());
        let whole = bytes.len();
        bytes.extend(record);
        assert_eq!(Index::from_slice(&bytes, PORTAL).unwrap(), later);
        for end in whole..bytes.len() {
            assert_eq!(Index::from_slice(&bytes[..end], PORTAL).unwrap(), index(), "{end}");
        }
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let bytes = index().to_vec(PORTAL);
        for position in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[position] ^= 1;
            // A lost line end in the last line alone looks like a killed process.
            let read = Index::from_slice(&changed, PORTAL);
            assert!(read.is_err() || position == bytes.len() - 1, "{position}");
        }
        assert_eq!(Index::from_slice(b"", PORTAL), Err(DamagedIndex { line: 1 }));
    }

    #[test]
    fn accounts_come_go_and_change_their_names() {
        let mut index = index();
        index.set_accounts(vec![account("3", "new"), account("1", "production")], time(5));
        let ids: Vec<_> = index.assigned().iter().map(|a| a.account.account_id.as_str()).collect();
        assert_eq!(ids, ["1", "3"]);
        let first = index.account("1").unwrap();
        assert_eq!(first.account.account_name.as_deref(), Some("production"));
        assert_eq!(first.role_names(), ["Admin", "ReadOnly"]);
        assert_eq!(index.account("3").unwrap().roles, None);
        index.complete(time(6));
        assert_eq!(index.completed_at(), None, "the roles of the new account are not known");
    }

    #[test]
    fn it_is_believed_for_fifteen_minutes_and_roles_for_a_day() {
        let index = index();
        assert!(index.is_fresh(time(899)));
        assert!(!index.is_fresh(time(900)));
        assert!(!index.is_fresh(time(-1)), "it was written under another clock");
        let assigned = index.account("1").unwrap();
        assert!(is_known(assigned, None, time(86_400)));
        assert!(!is_known(assigned, None, time(86_401)));
        assert!(is_known(assigned, Some(time(1)), time(5)));
        assert!(!is_known(assigned, Some(time(2)), time(5)));
    }
}
