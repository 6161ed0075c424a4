//! Custom endpoints in environment and profile, by the tests that the SDKs share.

use conformance::{Tally, corpus, text};
use providers::{Endpoints, Service};
use serde_json::Value;
use shared_config::{Environment, Files, Sections};

/// The services of the tests, and those of keyfob that stand for them.
const SERVICES: [(&str, Service); 2] = [("s3", Service::Sso), ("dynamodb", Service::Sts)];

const RULES: &str = "the endpoint of the rules";

/// The name of a service for the one that stands for it.
fn stand_in(name: &str) -> &str {
    SERVICES.iter().find(|(of_test, _)| *of_test == name).map_or(name, |(_, ours)| ours.id())
}

/// The config file of a suite.
fn config(suite: &Value) -> String {
    let mut lines = Vec::new();
    for (name, settings) in suite["profiles"].as_object().unwrap() {
        lines.push(format!("[profile {name}]"));
        for (key, value) in settings.as_object().unwrap() {
            lines.push(format!("{key} = {}", value.as_str().unwrap()));
        }
    }
    for (name, services) in suite["services"].as_object().unwrap() {
        lines.push(format!("[services {name}]"));
        for (service, settings) in services.as_object().unwrap() {
            lines.push(format!("{} =", stand_in(service)));
            for (key, value) in settings.as_object().unwrap() {
                lines.push(format!("  {key} = {}", value.as_str().unwrap()));
            }
        }
    }
    lines.join("\n")
}

fn environment(suite: &Value, name: &str) -> Environment {
    let variables = suite["environments"][name].as_object().unwrap();
    let variables = variables.iter().map(|(variable, value)| {
        let variable = match variable.strip_prefix("AWS_ENDPOINT_URL_") {
            None => variable.clone(),
            Some(service) => {
                let service = stand_in(&service.to_ascii_lowercase()).to_ascii_uppercase();
                format!("AWS_ENDPOINT_URL_{service}")
            }
        };
        (variable.into(), value.as_str().unwrap().into())
    });
    Environment::new(variables)
}

#[test]
fn custom_endpoints_are_found_where_botocore_finds_them() {
    let Some(corpus) = corpus("botocore") else { return };
    let tests = corpus.json("data/configured-endpoint-urls-profile-tests.json");
    let mut tally = Tally::new("configured-endpoint-urls", &[]);
    for suite in tests["testSuites"].as_array().unwrap() {
        let files = Files::from_texts(&config(suite), "");
        let sections = Sections::parse(&files);
        assert_eq!(sections.diagnostics(), []);
        for case in suite["endpointUrlTests"].as_array().unwrap() {
            if text(case, "client_config") != "default" {
                tally
                    .skip("keyfob has no configuration of a client beside profile and environment");
                continue;
            }
            let profile = sections.profile(text(case, "profile")).unwrap();
            let environment = environment(suite, text(case, "environment"));
            let service = text(case, "service");
            let (_, ours) = SERVICES.iter().find(|(of_test, _)| *of_test == service).unwrap();
            let endpoints = Endpoints::resolve(&environment, Some(&profile));
            let expected = text(&case["output"], "endpointUrl");
            let by_rules = format!("https://{service}.{}.amazonaws.com", profile.region().unwrap());
            let expected = if expected == by_rules { RULES } else { expected };
            tally.compare(text(case, "name"), expected, endpoints.custom(*ours).unwrap_or(RULES));
        }
    }
    tally.finish();
}
