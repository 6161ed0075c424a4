use serde::{Deserialize, Serialize};
use wire::Timestamp;

/// An account that is assigned to a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "the members of a 2019 API")]
pub struct AssignedAccount {
    /// `accountId`, twelve digits.
    #[serde(rename = "accountId")]
    pub account_id: String,
    /// `accountName`, absent where the service sends none.
    #[serde(rename = "accountName", default, skip_serializing_if = "Option::is_none")]
    pub account_name: Option<String>,
    /// `emailAddress`, absent where the service sends none.
    #[serde(rename = "emailAddress", default, skip_serializing_if = "Option::is_none")]
    pub email_address: Option<String>,
}

/// An account with its roles.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "an account and what is known of it")]
pub struct Assigned {
    /// The account.
    pub account: AssignedAccount,
    /// Its roles, where they were listed.
    pub roles: Option<Roles>,
}

/// The roles of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the roles and when they were listed")]
pub struct Roles {
    /// The names of the permission sets, sorted.
    pub role_names: Vec<String>,
    /// When they were listed.
    pub listed_at: Timestamp,
}

impl Assigned {
    /// Returns the names of the roles, none where they were not listed.
    pub fn role_names(&self) -> &[String] {
        self.roles.as_ref().map_or(&[], |roles| &roles.role_names)
    }
}

impl From<sso_proto::Account> for AssignedAccount {
    fn from(account: sso_proto::Account) -> Self {
        let sso_proto::Account { account_id, account_name, email_address, .. } = account;
        Self { account_id, account_name, email_address }
    }
}
