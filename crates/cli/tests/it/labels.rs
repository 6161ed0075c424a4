//! What a person calls accounts, and the tags that they put on them.

use std::fs;

use serde_json::{Value, json};

use crate::support::TestEnv;

const FILE: &str = ".aws/keyfob-accounts.toml";

/// Names for two of the accounts, tags for two, and an account that nobody has.
const LABELS: &str = r#"
[111122223333]
name = "Shop"
tags = ["live", "team-a"]

[444455556666]
tags = ["team-a"]

[999999999999]
name = "gone"
"#;

fn env() -> TestEnv {
    let env = TestEnv::new();
    env.sign_in();
    let staging = env.run(&["accounts", "--account", "^Staging$", "--columns", "account"]);
    let id = staging.stdout.lines().nth(1).unwrap().to_owned();
    fs::write(env.path(FILE), LABELS.replace("444455556666", &id)).unwrap();
    env
}

/// What a command prints that works.
fn printed(env: &TestEnv, arguments: &[&str]) -> String {
    let run = env.run(arguments);
    assert_eq!(run.code, 0, "{run:?}");
    run.stdout
}

#[test]
fn own_names_and_tags_stand_in_every_listing() {
    let env = env();
    let table = printed(&env, &["accounts", "--account", "111122223333"]);
    assert!(table.contains("111122223333  Shop  aws+production@example.com\n"), "{table}");
    assert!(!table.contains("TAGS"), "{table}");
    let columns = ["accounts", "--columns", "name,tags", "--account", "^(Shop|Staging|Sandbox.*)$"];
    assert_eq!(
        printed(&env, &columns),
        "NAME         TAGS\nSandbox Ada\nShop         live, team-a\nStaging      team-a\n"
    );
    let csv = ["roles", "--output", "csv", "--columns", "tags,role", "--account", "live"];
    let csv = printed(&env, &csv);
    assert_eq!(csv, "tags,roleName\n\"live, team-a\",Operator\n\"live, team-a\",ReadOnly\n");
    for output in ["json", "ndjson"] {
        let line = printed(&env, &["accounts", "--account", "^Shop$", "--output", output]);
        let document: Value = serde_json::from_str(&line).unwrap();
        let account = if output == "json" { &document["accounts"][0] } else { &document };
        assert_eq!(account["accountName"], "Shop");
        assert_eq!(account["tags"], json!(["live", "team-a"]));
    }
    let found = printed(&env, &["search", "live", "operator", "--output", "json"]);
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found["roles"][0]["accountName"], "Shop");
    assert_eq!(found["roles"].as_array().unwrap().len(), 1);
    assert_eq!(printed(&env, &["accounts", "--account", "^Production$", "--no-header"]), "");
}

#[test]
fn own_names_and_tags_say_whose_credentials_are_meant() {
    let env = env();
    let dry = ["exec", "--match", "live", "--dry-run", "--", "echo", "{name}"];
    assert_eq!(printed(&env, &dry), "Shop/Operator | echo Shop\nShop/ReadOnly | echo Shop\n");
    for words in ["shop operator work", "live operator work"] {
        let words: Vec<&str> = words.split(' ').collect();
        let run = [&["whoami", "--output", "json"], words.as_slice()].concat();
        let who: Value = serde_json::from_str(&printed(&env, &run)).unwrap();
        assert_eq!(who["account"], "111122223333");
    }
}

#[test]
fn sync_names_profiles_by_own_names_and_finds_them_by_tags() {
    let env = env();
    let before = fs::read_to_string(env.path(".aws/config")).unwrap();
    let options = ["--match", "team-a", "--region", "us-east-1", "--region-for", "live=eu-west-1"];
    let named = ["--name", "{account|lower}.{role|lower}"];
    let run = printed(&env, &[&["profiles", "sync"], &options[..], &named].concat());
    assert!(run.contains("+ shop.operator\n") && run.contains("+ staging."), "{run}");
    assert!(!run.contains("sandbox"), "{run}");
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    let shop = config.split("[profile shop.operator]").nth(1).unwrap();
    assert!(shop.split('[').next().unwrap().contains("region = eu-west-1"), "{config}");
    assert_eq!(printed(&env, &["profiles", "sync"]), "");
    printed(&env, &["profiles", "prune", "--all"]);
    assert_eq!(fs::read_to_string(env.path(".aws/config")).unwrap(), before);
}

#[test]
fn a_file_that_cannot_be_read_is_told_with_its_line_and_credentials_do_not_need_it() {
    let env = env();
    fs::write(env.path(FILE), "[111122223333]\nname = \"Shop\"\ntag = [\"live\"]\n").unwrap();
    for arguments in [
        &["accounts"][..],
        &["roles"],
        &["search", "x"],
        &["profiles", "sync"],
        &["exec", "--match", "x", "--", "true"],
        &["whoami", "shop"],
    ] {
        let run = env.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
        assert!(run.stderr.contains("keyfob-accounts.toml:3: unknown field `tag`"), "{run:?}");
        assert!(run.stderr.contains("\nhint: "), "{run:?}");
    }
    let run = env.run(&["doctor", "--offline"]);
    assert!(run.stdout.contains("keyfob-accounts.toml:3: "), "{run:?}");
    assert_eq!(env.run(&["credential-process", "--profile", "dev"]).code, 0);
    assert_eq!(env.run(&["whoami", "--profile", "dev"]).code, 0);
}
