//! What runs for one role.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use assignments::AssignedAccount;
use providers::Role;

use crate::args::FanOut;
use crate::exit::Failure;
use crate::paste::quote;
use crate::rows::Row;

/// A command with its words, for a role in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) account: AssignedAccount,
    pub(super) role_name: String,
    /// The region that the command has, by an option or by its environment.
    pub(super) region: Option<String>,
    /// Names it for people, without characters that nobody sees.
    pub(super) label: String,
    pub(super) words: Vec<OsString>,
}

impl Job {
    pub(super) fn role(&self) -> Role<'_> {
        Role { account_id: &self.account.account_id, role_name: &self.role_name }
    }

    /// Shows what would run.
    pub(super) fn line(&self) -> String {
        let words = self.words.iter().map(|word| quote(&word.to_string_lossy()));
        format!("{} | {}\n", self.label, words.collect::<Vec<_>>().join(" "))
    }
}

/// A job for each role and region, in this order. `region` is the one where the options name none.
pub(super) fn jobs(
    rows: &[Row<'_>],
    command: &[OsString],
    options: &FanOut,
    region: Option<&str>,
) -> Result<Vec<Job>, Failure> {
    let regions: Vec<Option<&str>> = match options.regions.as_slice() {
        [] => vec![region],
        regions => regions.iter().map(|region| Some(region.as_str())).collect(),
    };
    if regions.contains(&None) && command.iter().any(names_region) {
        return Err(Failure::usage("the command has {region}, and no region is named")
            .with_hint("add --regions or --region"));
    }
    let names = Names::of(rows);
    let mut jobs = Vec::new();
    for row in rows {
        for region in &regions {
            let value_of = |name: &str| match name {
                "account" => Some(row.account.account_id.as_str()),
                "name" => Some(name_of(row.account)),
                "role" => Some(row.role_name),
                "region" => *region,
                _ => None,
            };
            let words = command.iter().map(|word| match word.to_str() {
                Some(word) => expand(word, value_of).into(),
                None => word.clone(),
            });
            let mut label = format!("{}/{}", names.label(row.account), row.role_name);
            if let (Some(region), false) = (region, options.regions.is_empty()) {
                label = format!("{label}/{region}");
            }
            jobs.push(Job {
                account: row.account.clone(),
                role_name: row.role_name.to_owned(),
                region: region.map(str::to_owned),
                label: wire::printable(&label),
                words: words.collect(),
            });
        }
    }
    Ok(jobs)
}

/// The name of an account; its id where the portal sends none.
fn name_of(account: &AssignedAccount) -> &str {
    account.account_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&account.account_id)
}

/// The names of accounts, and who has them.
struct Names<'r>(BTreeMap<&'r str, BTreeSet<&'r str>>);

impl<'r> Names<'r> {
    fn of(rows: &[Row<'r>]) -> Self {
        let mut names: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for row in rows {
            names.entry(name_of(row.account)).or_default().insert(row.account.account_id.as_str());
        }
        Self(names)
    }

    /// What people know an account by: a name that others have, too, is none.
    fn label<'a>(&self, account: &'a AssignedAccount) -> &'a str {
        let name = name_of(account);
        let is_alone = self.0.get(name).is_none_or(|ids| ids.len() == 1);
        if is_alone { name } else { &account.account_id }
    }
}

fn names_region(word: &OsString) -> bool {
    let with = |region: Option<&'static str>| {
        expand(&word.to_string_lossy(), |name| region.filter(|_| name == "region"))
    };
    with(None) != with(Some(""))
}

/// Replaces `{name}` where there is a value, and `{{` by `{`; all else stays as it is.
fn expand<'v>(word: &str, value_of: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut expanded = String::new();
    let mut rest = word;
    while let Some((before, behind)) = rest.split_once('{') {
        let named = behind.split_once('}').and_then(|(name, more)| Some((value_of(name)?, more)));
        let brace = ("{", behind.strip_prefix('{').unwrap_or(behind));
        let (value, more) = named.unwrap_or(brace);
        expanded += before;
        expanded += value;
        rest = more;
    }
    expanded + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_a_value_is_replaced() {
        let value_of = |name: &str| (name == "role").then_some("Admin");
        for (word, expected) in [
            ("{role}", "Admin"),
            ("a{role}b{role}", "aAdminbAdmin"),
            ("{{role}", "{role}"),
            ("{{{role}", "{Admin"),
            ("{{{{x}}", "{{x}}"),
            ("Tags[].{Key:Key, role:{role}}", "Tags[].{Key:Key, role:Admin}"),
            ("{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}"),
            ("{", "{"),
            ("{}", "{}"),
            ("}{", "}{"),
            ("{rolé}", "{rolé}"),
        ] {
            assert_eq!(expand(word, value_of), expected, "{word}");
        }
    }
}
