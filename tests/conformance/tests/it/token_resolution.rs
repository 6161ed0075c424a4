//! Which profiles have a token, as botocore is tested.

use std::fmt::Write;

use conformance::{Tally, corpus, text};
use providers::{Base, ResolveError, Target, resolve_in};
use serde_json::Value;
use shared_config::{Environment, Files, Sections};

fn config_text(config: &Value) -> String {
    let mut lines = String::new();
    for (kind, prefix) in [("profiles", "profile"), ("sso_sessions", "sso-session")] {
        for (name, settings) in config[kind].as_object().into_iter().flatten() {
            writeln!(lines, "[{prefix} {name}]").unwrap();
            for (key, value) in settings.as_object().unwrap() {
                writeln!(lines, "{key} = {}", value.as_str().unwrap()).unwrap();
            }
        }
    }
    lines
}

fn seen(config: &str) -> String {
    let files = Files::from_texts(config, "");
    let sections = Sections::parse(&files);
    let identity = resolve_in(&sections, &Environment::default(), &Target::profile("test"));
    match identity.map(|identity| identity.base) {
        Ok(Base::Sso(sso)) => format!("the token of {}", sso.session),
        Ok(_) | Err(ResolveError::NoCredentials { .. }) => "none".to_owned(),
        Err(ResolveError::Profile(_)) => "refused".to_owned(),
        Err(other) => other.to_string(),
    }
}

#[test]
fn the_token_of_a_profile_is_found_as_botocore_is_tested() {
    let Some(corpus) = corpus("botocore") else { return };
    let mut tally = Tally::new("sso-token-sep resolution", &[]);
    for case in
        corpus.json("data/sso-token-sep/sso-token-resolution-cases.json").as_array().unwrap()
    {
        let config = &case["config"];
        let expected = if case["resolves"] == true {
            format!("the token of {}", text(&config["profiles"]["test"], "sso_session"))
        } else if case["expectedException"].is_string() {
            "refused".to_owned()
        } else {
            "none".to_owned()
        };
        tally.compare(text(case, "documentation"), &expected, &seen(&config_text(config)));
    }
    tally.finish();
}
