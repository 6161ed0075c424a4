//! Accounts and roles as rows, in the forms that people and programs read.

use std::collections::BTreeMap;

use assignments::{Assigned, AssignedAccount};
use serde::Serialize;

use crate::args::ListOutput;
use crate::exit::{Exit, Failure};
use crate::table;
use crate::ui::{json_document, json_line, say};

/// An account, or a role in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row<'r> {
    pub(crate) account: &'r AssignedAccount,
    pub(crate) role_name: &'r str,
}

/// What of a row is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Columns {
    Account,
    Role,
}

impl<'r> Row<'r> {
    /// A row for each role of an account.
    pub(crate) fn of_roles(assigned: &'r Assigned) -> impl Iterator<Item = Self> {
        let account = &assigned.account;
        assigned.role_names().iter().map(|role_name| Row { account, role_name })
    }

    /// The row of the account itself.
    pub(crate) fn of_account(assigned: &'r Assigned) -> Self {
        Row { account: &assigned.account, role_name: "" }
    }

    /// What people sort by: the name, then what is unique.
    fn order(&self) -> (&'r str, &'r str, &'r str) {
        (text(&self.account.account_name), &self.account.account_id, self.role_name)
    }

    /// Writes what a search looks at, two blanks between cells.
    pub(crate) fn write_searched(&self, line: &mut String) {
        for cell in self.cells(Columns::Role) {
            line.push_str(cell);
            line.push_str("  ");
        }
    }

    fn cells(&self, columns: Columns) -> Vec<&'r str> {
        let AssignedAccount { account_id, account_name, email_address } = self.account;
        let mut cells = vec![account_id.as_str(), text(account_name), text(email_address)];
        if columns == Columns::Role {
            cells.push(self.role_name);
        }
        cells
    }

    fn json(&self, columns: Columns) -> Members<'r> {
        let AssignedAccount { account_id, account_name, email_address } = self.account;
        let role_name = (columns == Columns::Role).then_some(self.role_name);
        let (account_name, email_address) = (account_name.as_deref(), email_address.as_deref());
        Members { account_id, account_name, email_address, role_name }
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
}

fn text(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

/// The header of CSV, which has the names of JSON.
fn names(columns: Columns) -> &'static [&'static str] {
    match columns {
        Columns::Account => &["accountId", "accountName", "emailAddress"],
        Columns::Role => &["accountId", "accountName", "emailAddress", "roleName"],
    }
}

/// Sorts rows by account name, account id and role.
pub(crate) fn sort(rows: &mut [Row<'_>]) {
    rows.sort_by_key(Row::order);
}

/// Writes rows in their order.
pub(crate) fn to_vec(
    rows: &[Row<'_>],
    columns: Columns,
    output: ListOutput,
) -> Result<Vec<u8>, Failure> {
    match output {
        ListOutput::Csv => csv(rows, columns),
        ListOutput::Json => {
            let list = match columns {
                Columns::Account => "accounts",
                Columns::Role => "roles",
            };
            let rows: Vec<_> = rows.iter().map(|row| row.json(columns)).collect();
            Ok(json_document(&BTreeMap::from([(list, rows)])).into_bytes())
        }
        ListOutput::Ndjson => Ok(json_lines(rows, columns)),
        ListOutput::Table if rows.is_empty() => {
            say("Nothing that is assigned to you fits.");
            Ok(Vec::new())
        }
        ListOutput::Table => {
            let mut header = vec!["ACCOUNT", "NAME", "EMAIL", "ROLE"];
            header.truncate(names(columns).len());
            let rows = rows.iter().map(|row| row.cells(columns));
            Ok(table::for_stdout(std::iter::once(header).chain(rows)).into_bytes())
        }
    }
}

/// Writes each row as an object on a line.
pub(crate) fn json_lines(rows: &[Row<'_>], columns: Columns) -> Vec<u8> {
    rows.iter().map(|row| json_line(&row.json(columns))).collect::<String>().into_bytes()
}

fn csv(rows: &[Row<'_>], columns: Columns) -> Result<Vec<u8>, Failure> {
    let failure = |error| Failure::new(Exit::Other, error);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(names(columns)).map_err(|error| failure(error.to_string()))?;
    for row in rows {
        let cells = row.cells(columns).into_iter().map(wire::printable);
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
        let rows = [Row { account: &account, role_name: "ReadOnly" }];
        assert_eq!(
            String::from_utf8(csv(&rows, Columns::Role).unwrap()).unwrap(),
            "accountId,accountName,emailAddress,roleName\n\
             111122223333,\"a \"\"quoted\"\", \\u{1b}[2Jname \",,ReadOnly\n"
        );
        let json = |columns| serde_json::to_value(rows[0].json(columns)).unwrap();
        let account = json(Columns::Account);
        assert!(account["emailAddress"].is_null() && account.get("roleName").is_none());
        assert_eq!(json(Columns::Role)["roleName"], "ReadOnly");
    }
}
