use serde::Deserialize;

use crate::toml_values;

/// An AWS account and the roles that can be taken in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Account {
    /// The address of the account's owner; listings omit it where it is absent.
    pub email: Option<String>,
    /// Twelve digits.
    #[serde(deserialize_with = "toml_values::account_id")]
    pub id: String,
    /// The name of the account; listings omit it where it is absent.
    pub name: Option<String>,
    /// The names of the roles.
    pub roles: Vec<String>,
    /// The addresses of those it is assigned to; everybody where absent.
    pub users: Option<Vec<String>>,
}

impl Account {
    /// Describes an account that is assigned to everybody.
    pub fn new(id: &str, name: &str, roles: &[&str]) -> Self {
        Self {
            email: None,
            id: id.to_owned(),
            name: Some(name.to_owned()),
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            users: None,
        }
    }
}

/// A person who can sign in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct User {
    /// The address, which is also the session name in ARNs.
    pub email: String,
    /// The name that the pages show.
    pub name: String,
}

impl User {
    /// Describes a person.
    pub fn new(name: &str, email: &str) -> Self {
        Self { email: email.to_owned(), name: name.to_owned() }
    }
}

const ADA: &str = "ada@example.com";
const GRACE: &str = "grace@example.com";

/// The people of the company that an emulator has by default.
pub(crate) fn demo_users() -> Vec<User> {
    vec![User::new("Ada Lovelace", ADA), User::new("Grace Hopper", GRACE)]
}

pub(crate) fn demo_accounts() -> Vec<Account> {
    vec![
        demo_account("111122223333", "Production", &["ReadOnly", "Operator"], None),
        demo_account("222233334444", "Staging", &["ReadOnly", "Developer", "Administrator"], None),
        demo_account("333344445555", "Sandbox Ada", &["Administrator"], Some(ADA)),
        demo_account("444455556666", "Billing", &["Accountant", "ReadOnly"], Some(GRACE)),
    ]
}

fn demo_account(id: &str, name: &str, roles: &[&str], only: Option<&str>) -> Account {
    let mut account = Account::new(id, name, roles);
    let mailbox = name.to_lowercase().replace(' ', "-");
    account.email = Some(format!("aws+{mailbox}@example.com"));
    account.users = only.map(|user| vec![user.to_owned()]);
    account
}
