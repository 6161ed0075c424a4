//! The tests of the configuration grammar that the SDKs share, as Rust and Kotlin have them.

use conformance::{Corpus, Difference, Tally, corpus, text};
use serde_json::{Map, Value, json};
use shared_config::{Files, Section, Sections, Setting, Severity};

use crate::config_cases::worst;

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        id: "SSO Session in credentials file is invalid",
        row: "credentials-prefix",
        keyfob: "a warning",
    },
    Difference {
        id: "Sub-property definitions ignore invalid name.",
        row: "nested-settings",
        keyfob: r#"{"profiles":{"foo":{"s3":{"in valid":"value","valid":"value"}}},"services":{},"sso-sessions":{}}"#,
    },
];

const ERROR: &str = "an error, and no profile that can be used";

/// A value as Rust has it: what is nested is a text with a line for each setting.
fn as_text(setting: &Setting<'_, '_>) -> Value {
    let lines: String = setting
        .nested()
        .iter()
        .map(|nested| format!("\n{} = {}", nested.name, nested.value))
        .collect();
    format!("{}{lines}", setting.value()).into()
}

/// A value as Kotlin has it: what is nested is an object.
fn as_object(setting: &Setting<'_, '_>) -> Value {
    let nested: Map<_, _> = setting
        .nested()
        .into_iter()
        .map(|nested| (nested.name.into_owned(), nested.value.into()))
        .collect();
    if nested.is_empty() { setting.value().into() } else { nested.into() }
}

/// What is left of files that are an error in a case.
fn refusal(sections: &Sections<'_>) -> &'static str {
    let usable = sections.profiles().any(|section| sections.profile(section.name()).is_ok());
    match worst(sections) {
        Some(Severity::Error) if !usable => ERROR,
        Some(Severity::Error) => "an error, and a profile that can be used",
        Some(Severity::Warning) => "a warning",
        None => "no error",
    }
}

/// The sections of files that are none.
fn settings(sections: &Sections<'_>, value: fn(&Setting<'_, '_>) -> Value) -> String {
    let settings = |section: Section<'_, '_>| -> (String, Value) {
        let pairs =
            section.settings().map(|setting| (setting.name().into_owned(), value(&setting)));
        (section.name().to_owned(), pairs.collect::<Map<_, _>>().into())
    };
    if worst(sections) == Some(Severity::Error) {
        return "an error".to_owned();
    }
    json!({
        "profiles": sections.profiles().map(settings).collect::<Map<_, _>>(),
        "services": sections.services().map(settings).collect::<Map<_, _>>(),
        "sso-sessions": sections.sso_sessions().map(settings).collect::<Map<_, _>>(),
    })
    .to_string()
}

/// The sections that a case expects, of the kinds that keyfob knows.
fn expected(output: &Value) -> String {
    // Rust has one more level, and another name for the sessions.
    let config = output.get("config").unwrap_or(output);
    let kind = |names: &[&str]| {
        let kind = names.iter().find_map(|name| config.get(*name));
        kind.cloned().unwrap_or_else(|| json!({}))
    };
    json!({
        "profiles": kind(&["profiles"]),
        "services": kind(&["services"]),
        "sso-sessions": kind(&["sso-sessions", "sso_sessions"]),
    })
    .to_string()
}

fn run(suite: &'static str, corpus: &Corpus, value: fn(&Setting<'_, '_>) -> Value) {
    let tests = corpus.json("data/profile-parser-tests.json");
    let mut tally = Tally::new(suite, DIFFERENCES);
    for case in tests["tests"].as_array().unwrap() {
        let file = |name: &str| case["input"][name].as_str().unwrap_or_default();
        let files = Files::from_texts(file("configFile"), file("credentialsFile"));
        let sections = Sections::parse(&files);
        let (name, output) = (text(case, "name"), &case["output"]);
        if output["errorContaining"].is_string() {
            tally.compare(name, ERROR, refusal(&sections));
        } else {
            tally.compare(name, &expected(output), &settings(&sections, value));
        }
    }
    tally.finish();
}

#[test]
fn the_grammar_is_the_one_of_the_rust_sdk() {
    let Some(corpus) = corpus("rust-aws-runtime") else { return };
    run("profile-parser rust", &corpus, as_text);
}

#[test]
fn the_grammar_is_the_one_of_the_kotlin_sdk() {
    let Some(corpus) = corpus("kotlin-aws-config") else { return };
    run("profile-parser kotlin", &corpus, as_object);
}
