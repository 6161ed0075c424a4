//! What programs read: each document is as `docs/schema` promises. Every run of every test is looked at.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use boon::{Compiler, Schemas};
use serde_json::{Value, json};

use crate::support::{Run, TestEnv, files};

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema")
}

fn schema(command: &str) -> Option<Value> {
    let text = fs::read_to_string(directory().join(format!("{command}.json"))).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// Refuses members that the schema does not name: those who read a document must let them pass, those who
/// write one must tell of them.
fn closed(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(closed);
            if members.contains_key("properties") {
                members.insert("additionalProperties".to_owned(), false.into());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(closed),
        _ => {}
    }
}

fn assert_valid(command: &str, part: &str, document: &Value) {
    let Some(mut schema) = schema(command) else { panic!("docs/schema lacks {command}.json") };
    closed(&mut schema);
    let mut compiler = Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource("schema.json", schema).unwrap();
    let mut schemas = Schemas::new();
    let index = compiler.compile(&format!("schema.json{part}"), &mut schemas).unwrap();
    if let Err(error) = schemas.validate(document, index) {
        panic!("{command}: {error:#}\n{document:#}");
    }
}

/// Looks at what a run has printed for programs.
pub(crate) fn assert_promised(arguments: &[&str], run: &Run) {
    let Some((&command, options)) = arguments.split_first() else { return };
    let asked = options.windows(2).find(|pair| pair[0] == "--output").map(|pair| pair[1]);
    // In `configure` it is a setting of the AWS CLI.
    if command == "configure" || options.contains(&"--help") {
        return;
    }
    let changes = ["sync", "diff", "prune"];
    let is_change = options.first().is_some_and(|what| changes.contains(what));
    let command = if command == "profiles" && is_change { "profiles-sync" } else { command };
    let is_diff = command == "roles" && options.first() == Some(&"diff");
    let command = if is_diff { "roles-diff" } else { command };
    match asked {
        Some("json") if !run.stdout.is_empty() => {
            assert!(run.stdout.starts_with("{\"version\":1,"), "{run:?}");
            assert_valid(command, "", &serde_json::from_str(&run.stdout).unwrap());
        }
        Some("ndjson") => {
            for line in run.stdout.lines() {
                assert_valid(command, "#/$defs/item", &serde_json::from_str(line).unwrap());
            }
        }
        _ => {}
    }
}

#[test]
fn every_command_that_prints_json_has_a_schema_and_every_schema_a_command() {
    let env = TestEnv::new();
    let help = env.run(&["--help"]).stdout;
    let list = help.split_once("Commands:\n").unwrap().1.split("\n\n").next().unwrap();
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.map(|line| line.split_whitespace().next().unwrap());
    let prints_json = |name: &&str| {
        let help = env.run(&[name, "--help"]).stdout;
        let output = help.split_once("--output <OUTPUT>");
        output.is_some_and(|(_, values)| {
            let values = values.split("\n      --").next().unwrap();
            values.contains("- json:") || values.contains("- ndjson:")
        })
    };
    let mut commands: BTreeSet<String> = names.filter(prints_json).map(str::to_owned).collect();
    commands.extend(["profiles-sync", "roles-diff"].map(str::to_owned));
    assert!(commands.contains("status") && commands.contains("search"), "{commands:?}");
    let schemas = files(&directory()).into_iter();
    let schemas = schemas.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let schemas: BTreeSet<String> =
        schemas.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(commands, schemas);
    let readme = fs::read_to_string(directory().join("README.md")).unwrap();
    for name in schemas {
        let command = name.replace('-', " ");
        assert!(readme.contains(&format!("| `keyfob {command}` | `{name}.json` |")), "{name}");
    }
}

#[test]
fn documents_of_nothing_are_documents() {
    let env = TestEnv::new();
    env.sign_in();
    let printed = |arguments: &[&str]| {
        let run = env.run(arguments);
        assert_eq!(run.code, 0, "{run:?}");
        run.stdout
    };
    for (command, list) in [
        (&["accounts", "--account", "nobody"][..], "accounts"),
        (&["roles", "--role", "nobody"], "roles"),
        (&["search", "zzzzz"], "roles"),
    ] {
        let empty = printed(&[command, &["--output", "json"]].concat());
        assert_eq!(empty, format!("{{\"version\":1,\"{list}\":[]}}\n"));
        assert_eq!(printed(&[command, &["--output", "ndjson"]].concat()), "");
    }
    env.write_config("");
    assert_eq!(printed(&["profiles", "--output", "json"]), "{\"version\":1,\"profiles\":[]}\n");
    fs::remove_file(env.token_file()).unwrap();
    assert_eq!(printed(&["status", "--output", "json"]), "{\"version\":1,\"sessions\":[]}\n");
}

#[test]
fn the_lines_of_a_listing_are_the_items_of_its_document() {
    let env = TestEnv::new();
    env.sign_in();
    for (command, list) in
        [(&["accounts"][..], "accounts"), (&["roles"], "roles"), (&["search", "read"], "roles")]
    {
        let of = |output| env.run(&[command, &["--output", output]].concat()).stdout;
        let lines = of("ndjson");
        let mut items: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let document: Value = serde_json::from_str(&of("json")).unwrap();
        let mut listed = document[list].as_array().unwrap().clone();
        assert!(!listed.is_empty(), "{command:?}");
        items.sort_by_key(Value::to_string);
        listed.sort_by_key(Value::to_string);
        assert_eq!(items, listed, "{command:?}");
    }
}

#[test]
fn odd_states_are_told_in_the_same_form() {
    let mut env = TestEnv::new();
    let config = fs::read_to_string(env.path(".aws/config")).unwrap();
    env.write_config(&format!(
        "{config}[profile empty]\n[profile keys]\naws_access_key_id = a\n\
         aws_secret_access_key = b\n[profile chain]\nrole_arn = arn:aws:iam::123456789012:role/R\n\
         source_profile = nowhere\n[profile bad]\nnonsense\nregion = x\n\
         [sso-session half]\nsso_region = eu-west-1\n[profile half]\nsso_session = half\n\
         s3 =\n  max_queue_size = 1\n"
    ));
    env.run(&["status", "--output", "json"]);
    env.run(&["profiles", "--output", "json"]);
    for profile in ["dev", "old", "empty", "keys", "chain", "bad", "half"] {
        let run = env.run(&["explain", profile, "--output", "json"]);
        assert_eq!(run.code, 0, "{run:?}");
    }
    env.set("AWS_REGION", "not a region");
    env.run(&["explain", "dev", "--output", "json"]);
    env.unset("AWS_REGION");
    env.write_config(&config);
    env.sign_in();
    env.sign_in_to(&["--profile", "old"]);
    env.run(&["export", "--profile", "dev"]);
    let sessions = |env: &TestEnv| -> Value {
        let run = env.run(&["status", "--output", "json"]);
        serde_json::from_str::<Value>(&run.stdout).unwrap()["sessions"].clone()
    };
    assert_eq!(sessions(&env)[0]["roles"][0]["accountId"], "111122223333");
    env.expire_token();
    sessions(&env);
    fs::write(env.token_file(), "no token").unwrap();
    sessions(&env);
    fs::remove_file(env.token_file()).unwrap();
    fs::create_dir(env.token_file()).unwrap();
    let unreadable = sessions(&env)[0].clone();
    assert_eq!(unreadable["signedIn"], json!(null), "{unreadable}");
    env.set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    env.set("AWS_SECRET_ACCESS_KEY", "wrong");
    let refused = env.run(&["whoami", "--output", "json"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (4, ""), "{refused:?}");
}
