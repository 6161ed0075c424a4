//! `roles diff`: what changed in what is assigned.

use std::fs;

use emulator::Account;
use serde_json::{Value, json};

use crate::support::{TestEnv, files, mode};

/// The accounts of an organisation, with their names and roles.
type Accounts<'a> = [(u64, &'a str, &'a [&'a str])];

const BEFORE: &Accounts<'static> = &[
    (1, "prod", &["Admin", "ReadOnly"]),
    (2, "staging", &["Admin"]),
    (3, "old", &["Admin", "ReadOnly"]),
];
const AFTER: &Accounts<'static> =
    &[(1, "prod", &["Operator", "ReadOnly"]), (2, "test", &["Admin"]), (4, "new", &["ReadOnly"])];

fn with(accounts: &Accounts<'_>) -> TestEnv {
    let env = TestEnv::new();
    env.assign(accounts);
    env.sign_in();
    env
}

impl TestEnv {
    fn assign(&self, accounts: &Accounts<'_>) {
        let account = |(id, name, roles): &(u64, &str, &[&str])| {
            Account::new(&format!("{id:012}"), name, roles)
        };
        let accounts: Vec<_> = accounts.iter().map(account).collect();
        self.server.idp().lock().unwrap().set_accounts(&accounts);
    }

    fn diff(&self, options: &[&str]) -> Value {
        let run = self.run(&[&["roles", "diff", "--output", "json"], options].concat());
        assert_eq!(run.code, 0, "{run:?}");
        serde_json::from_str(&run.stdout).unwrap()
    }
}

#[test]
fn what_is_new_gone_and_renamed_is_told() {
    let env = with(BEFORE);
    let first = env.run(&["roles", "diff"]);
    assert_eq!((first.code, first.stdout.as_str()), (0, ""), "{first:?}");
    assert_eq!(first.stderr, "There is no earlier listing to compare with.\n");
    assert_eq!(env.diff(&[])["since"], Value::Null);
    let same = env.run(&["roles", "diff", "--refresh"]);
    assert_eq!((same.code, same.stdout.as_str()), (0, ""), "{same:?}");
    assert!(same.stderr.starts_with("Nothing has changed from 20"), "{same:?}");

    env.assign(AFTER);
    let run = env.run(&["roles", "diff", "--refresh"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        run.stdout,
        "+   000000000004  new\n\
         +   000000000004  new   ReadOnly\n\
         -   000000000003  old\n\
         -   000000000003  old   Admin\n\
         -   000000000003  old   ReadOnly\n\
         -   000000000001  prod  Admin\n\
         +   000000000001  prod  Operator\n\
         ~   000000000002  test  was staging\n"
    );
    assert!(run.stderr.starts_with("Changed between 20"), "{run:?}");
    let renamed = json!({
        "change": "renamed", "accountId": "000000000002", "accountName": "test",
        "formerName": "staging", "roleName": null,
    });
    let document = env.diff(&[]);
    let changes = document["changes"].as_array().unwrap();
    assert_eq!((changes.len(), &changes[7]), (8, &renamed));
    let calls = env.calls("ListAccounts");
    env.run(&["roles"]);
    env.run(&["roles", "--refresh"]);
    assert_eq!(env.calls("ListAccounts"), calls + 1, "a young index answers");
    let again = env.diff(&["--refresh"]);
    assert_eq!(again["changes"], document["changes"], "listings in between take nothing away");
}

#[test]
fn an_index_that_is_old_is_listed_anew() {
    let env = with(BEFORE);
    env.run(&["roles"]);
    env.assign(AFTER);
    let listings = env.listings();
    let key = token_cache::CacheKey::for_session("work");
    fs::remove_file(listings.join(format!("{key}.json"))).unwrap();
    assert_eq!(env.diff(&[])["changes"].as_array().unwrap().len(), 8);
}

#[test]
fn the_earlier_listing_is_private_outlives_a_sign_in_and_goes_with_a_sign_out() {
    let env = with(BEFORE);
    env.run(&["roles"]);
    let former = || {
        let mut files = files(&env.listings()).into_iter();
        files.find(|path| path.to_str().unwrap().ends_with(".former.json"))
    };
    assert_eq!(mode(&former().unwrap()), 0o600);
    env.server.idp().lock().unwrap().revoke_sessions();
    env.expire_token();
    env.sign_in();
    env.assign(AFTER);
    assert_eq!(env.diff(&["--refresh"])["changes"].as_array().unwrap().len(), 8);
    for sign_out in [&["logout"][..], &["logout", "--all"]] {
        env.run(&["roles", "--refresh"]);
        assert!(former().is_some());
        env.run(sign_out);
        assert_eq!(former(), None, "{sign_out:?}");
        env.sign_in();
    }
}

#[test]
fn a_listing_of_some_accounts_is_compared_with_nothing() {
    let env = with(BEFORE);
    env.run(&["roles"]);
    env.assign(AFTER);
    env.run(&["roles", "--account", "000000000001", "--refresh"]);
    // The roles of the new account are not known before this.
    let document = env.diff(&["--refresh"]);
    assert_eq!(document["changes"].as_array().unwrap().len(), 8, "{document}");
}

#[test]
fn the_options_of_roles_are_as_they_were() {
    let env = with(BEFORE);
    let run = env.run(&["roles", "--role", "Op", "--output", "json", "diff"]);
    assert_eq!(run.code, 2, "{run:?}");
    env.run(&["roles"]);
    assert_eq!(env.run(&["roles", "--account", "prod", "--no-header"]).stdout.lines().count(), 2);
    let damaged = files(&env.listings());
    let damaged = damaged.iter().find(|path| path.to_str().unwrap().ends_with(".former.json"));
    fs::write(damaged.unwrap(), "{\"version\":1").unwrap();
    assert_eq!(
        env.diff(&["--refresh"])["since"],
        Value::Null,
        "what is damaged is as good as none"
    );
}
