//! Where the files are, by the tests that the SDKs share.

use std::path::Path;

use conformance::{Tally, corpus, text};
use serde_json::Value;
use shared_config::{Environment, Locations};

/// The variables that only Windows looks at.
const OF_WINDOWS: [&str; 3] = ["HOMEDRIVE", "HOMEPATH", "USERPROFILE"];

/// Why a case cannot run here, if so. Other than by these variables the platforms differ in the
/// separator only.
fn reason_to_skip(case: &Value) -> Option<&'static str> {
    let of_windows = OF_WINDOWS.iter().any(|variable| case["environment"].get(variable).is_some());
    match (text(case, "platform"), cfg!(windows)) {
        ("windows", false) if of_windows => Some("the home directory of Windows"),
        ("linux", true) => Some("the home directory of Unix"),
        _ => None,
    }
}

/// Puts a path into words, with the separator of Unix.
fn described(config: &Path, credentials: &Path) -> String {
    format!("{} {}", config.display(), credentials.display()).replace('\\', "/")
}

fn run(suite: &'static str, folder: &str) {
    let Some(corpus) = corpus(folder) else { return };
    let tests = corpus.json("data/file-location-tests.json");
    let mut tally = Tally::new(suite, &[]);
    for case in tests["tests"].as_array().unwrap() {
        if let Some(reason) = reason_to_skip(case) {
            tally.skip(reason);
            continue;
        }
        let variables = case["environment"].as_object().unwrap();
        let pairs = variables.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        let account_home = case["languageSpecificHome"].as_str().map(Into::into);
        let environment = Environment::from_pairs(pairs).with_account_home(account_home);
        let seen = Locations::from_env(&environment).map_or_else(
            |error| error.to_string(),
            |locations| described(&locations.config, &locations.credentials),
        );
        let expected = described(
            text(case, "configLocation").as_ref(),
            text(case, "credentialsLocation").as_ref(),
        );
        tally.compare(text(case, "name"), &expected, &seen);
        // Which variable counts is up to the program; that it is found is not.
        if let Some(profile) = variables.get("AWS_PROFILE") {
            assert_eq!(environment.get("AWS_PROFILE"), profile.as_str());
        }
    }
    tally.finish();
}

#[test]
fn the_files_are_where_the_rust_sdk_finds_them() {
    run("file-location rust", "rust-aws-runtime");
}

#[test]
fn the_files_are_where_the_kotlin_sdk_finds_them() {
    run("file-location kotlin", "kotlin-aws-config");
}
