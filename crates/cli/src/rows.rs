//! Accounts and roles as rows, in the forms that people and programs read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use assignments::{Assigned, AssignedAccount};
use bulk_profiles::AssignedRole;
use serde::Serialize;

use crate::args::{ListOutput, Listed, TableArgs};
use crate::exit::{Exit, Failure};
use crate::labels::Labels;
use crate::table::{self, Columns};
use crate::ui::{json_document, json_line, talk};

/// An account, or a role in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row<'r> {
    pub(crate) account: &'r AssignedAccount,
    pub(crate) role_name: &'r str,
    /// What the person has put on the account.
    tags: &'r [String],
}

/// The columns of accounts.
pub(crate) const ACCOUNTS: Columns =
    &[("account", "ACCOUNT"), ("name", "NAME"), ("email", "EMAIL"), (TAGS, "TAGS")];

/// The columns of roles: those of accounts, and one more.
pub(crate) const ROLES: Columns = &[
    ("account", "ACCOUNT"),
    ("name", "NAME"),
    ("email", "EMAIL"),
    ("role", "ROLE"),
    (TAGS, "TAGS"),
];

/// The column that is shown to those alone who ask for it.
const TAGS: &str = "tags";

/// What a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Account,
    Role,
}

impl Kind {
    fn columns(self) -> Columns {
        match self {
            Self::Account => ACCOUNTS,
            Self::Role => ROLES,
        }
    }
}

impl<'r> Row<'r> {
    pub(crate) fn new(account: &'r AssignedAccount, role_name: &'r str) -> Self {
        Self { account, role_name, tags: &[] }
    }

    /// A row for each role of an account.
    pub(crate) fn of_roles(
        assigned: &'r Assigned,
        labels: &'r Labels,
    ) -> impl Iterator<Item = Self> {
        let row = Self::of_account(assigned, labels);
        assigned.role_names().iter().map(move |role_name| Row { role_name, ..row })
    }

    /// The row of the account itself.
    pub(crate) fn of_account(assigned: &'r Assigned, labels: &'r Labels) -> Self {
        let account = &assigned.account;
        Row { account, role_name: "", tags: labels.tags(&account.account_id) }
    }

    /// What people sort by: the name, then what is unique.
    fn order(&self) -> (&'r str, &'r str, &'r str) {
        (text(&self.account.account_name), &self.account.account_id, self.role_name)
    }

    /// Writes what a search looks at, two blanks between cells.
    pub(crate) fn write_searched(&self, line: &mut String) {
        let [id, name, email] = self.account_cells();
        let cells = [id, name, email, self.role_name];
        for cell in cells.into_iter().chain(self.tags.iter().map(String::as_str)) {
            line.push_str(cell);
            line.push_str("  ");
        }
    }

    /// The role, with one of the regions that its profiles get.
    pub(crate) fn assigned(
        &self,
        region: Option<&'r str>,
        region_index: usize,
    ) -> AssignedRole<'r> {
        let AssignedAccount { account_id, account_name, email_address } = self.account;
        let (account_name, email_address) = (account_name.as_deref(), email_address.as_deref());
        let role_name = self.role_name;
        AssignedRole { account_id, account_name, email_address, role_name, region, region_index }
    }

    fn account_cells(&self) -> [&'r str; 3] {
        let AssignedAccount { account_id, account_name, email_address } = self.account;
        [account_id, text(account_name), text(email_address)]
    }

    fn cells(&self, kind: Kind) -> Vec<Cow<'r, str>> {
        let role_name = (kind == Kind::Role).then_some(self.role_name);
        let cells = self.account_cells().into_iter().chain(role_name).map(Cow::Borrowed);
        cells.chain([Cow::Owned(self.tags.join(", "))]).collect()
    }

    fn json(&self, kind: Kind) -> Members<'r> {
        let AssignedAccount { account_id, account_name, email_address } = self.account;
        let role_name = (kind == Kind::Role).then_some(self.role_name);
        let (account_name, email_address) = (account_name.as_deref(), email_address.as_deref());
        Members { account_id, account_name, email_address, role_name, tags: self.tags }
    }
}

/// A row in JSON. What the service did not send is `null`, so that a member is always there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Members<'r> {
    account_id: &'r str,
    account_name: Option<&'r str>,
    email_address: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_name: Option<&'r str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'r [String],
}

fn text(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

/// The header of CSV, which has the names of JSON.
fn names(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Account => &["accountId", "accountName", "emailAddress", "tags"],
        Kind::Role => &["accountId", "accountName", "emailAddress", "roleName", "tags"],
    }
}

/// Sorts rows by account name, account id and role.
pub(crate) fn sort(rows: &mut [Row<'_>]) {
    rows.sort_by_key(Row::order);
}

/// The rows of all roles in that order. Those of an account are sorted already.
pub(crate) fn sorted<'r>(all: &'r [Assigned], labels: &'r Labels) -> impl Iterator<Item = Row<'r>> {
    let mut accounts: Vec<_> = all.iter().collect();
    accounts.sort_by_key(|one| Row::new(&one.account, "").order());
    accounts.into_iter().flat_map(|one| Row::of_roles(one, labels))
}

/// Writes rows in their order.
pub(crate) fn to_vec(rows: &[Row<'_>], kind: Kind, listed: &Listed) -> Result<Vec<u8>, Failure> {
    match listed.output {
        ListOutput::Csv => csv(rows, kind, &listed.table),
        ListOutput::Json => {
            let list = match kind {
                Kind::Account => "accounts",
                Kind::Role => "roles",
            };
            let rows: Vec<_> = rows.iter().map(|row| row.json(kind)).collect();
            Ok(json_document(&BTreeMap::from([(list, rows)])).into_bytes())
        }
        ListOutput::Ndjson => Ok(json_lines(rows, kind)),
        ListOutput::Table if rows.is_empty() => {
            talk("Nothing that is assigned to you fits.");
            Ok(Vec::new())
        }
        ListOutput::Table => {
            let columns = kind.columns();
            let rows = rows.iter().map(|row| row.cells(kind));
            let table = listed.table.hiding(columns, TAGS);
            let lines = table.lines(columns, table::header(columns), rows);
            Ok(table::for_stdout(lines).into_bytes())
        }
    }
}

/// Writes each row as an object on a line.
pub(crate) fn json_lines(rows: &[Row<'_>], kind: Kind) -> Vec<u8> {
    rows.iter().map(|row| json_line(&row.json(kind))).collect::<String>().into_bytes()
}

fn csv(rows: &[Row<'_>], kind: Kind, table: &TableArgs) -> Result<Vec<u8>, Failure> {
    let failure = |error| Failure::new(Exit::Other, error);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows = rows.iter().map(|row| row.cells(kind));
    let header = names(kind).iter().map(|name| Cow::Borrowed(*name)).collect();
    let columns = kind.columns();
    for line in table.hiding(columns, TAGS).lines(columns, header, rows) {
        let cells = line.iter().map(|cell| wire::printable(cell));
        writer
            .write_record(cells.collect::<Vec<_>>())
            .map_err(|error| failure(error.to_string()))?;
    }
    writer.into_inner().map_err(|error| failure(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_is_quoted_and_json_has_every_member() {
        let account = AssignedAccount {
            account_id: "111122223333".to_owned(),
            account_name: Some("a \"quoted\", \u{1b}[2Jname\n".to_owned()),
            email_address: None,
        };
        let rows = [Row { account: &account, role_name: "ReadOnly", tags: &[] }];
        assert_eq!(
            String::from_utf8(csv(&rows, Kind::Role, &TableArgs::default()).unwrap()).unwrap(),
            "accountId,accountName,emailAddress,roleName\n\
             111122223333,\"a \"\"quoted\"\", \\u{1b}[2Jname \",,ReadOnly\n"
        );
        let json = |kind| serde_json::to_value(rows[0].json(kind)).unwrap();
        let account = json(Kind::Account);
        assert!(account["emailAddress"].is_null() && account.get("roleName").is_none());
        assert_eq!(json(Kind::Role)["roleName"], "ReadOnly");
    }
}
