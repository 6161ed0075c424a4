//! The endpoint tests that the services publish with their rules.

use conformance::{Tally, corpus, text};
use http::Uri;
use serde_json::Value;
use wire::{EndpointError, EndpointVariant};

/// The rule of a service: region, variant, and whether the global endpoint is asked for.
type Endpoint = fn(&str, EndpointVariant, bool) -> Result<Uri, EndpointError>;

fn seen(params: &Value, endpoint: Endpoint) -> String {
    let variant = EndpointVariant {
        fips: params["UseFIPS"] == true,
        dual_stack: params["UseDualStack"] == true,
    };
    let uri = match params["Endpoint"].as_str() {
        Some(url) => wire::custom_endpoint(url, variant),
        None => {
            let region = params["Region"].as_str().unwrap_or_default();
            endpoint(region, variant, params["UseGlobalEndpoint"] == true)
        }
    };
    match uri {
        Ok(uri) => uri.to_string().trim_end_matches('/').to_owned(),
        Err(EndpointError::Combination("FIPS")) => {
            "Invalid Configuration: FIPS and custom endpoint are not supported".to_owned()
        }
        Err(EndpointError::Combination("dual-stack")) => {
            "Invalid Configuration: Dualstack and custom endpoint are not supported".to_owned()
        }
        Err(EndpointError::MissingRegion) => "Invalid Configuration: Missing Region".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn run(suite: &'static str, folder: &str, endpoint: Endpoint) {
    let Some(corpus) = corpus("botocore") else { return };
    let tests = corpus.json(&format!("data/endpoint-rules/{folder}/endpoint-tests-1.json"));
    let mut tally = Tally::new(suite, &[]);
    for case in tests["testCases"].as_array().unwrap() {
        let expect = &case["expect"];
        let expected = expect["endpoint"]["url"].as_str().unwrap_or_else(|| text(expect, "error"));
        tally.compare(text(case, "documentation"), expected, &seen(&case["params"], endpoint));
    }
    tally.finish();
}

#[test]
fn the_endpoints_of_the_portal_follow_its_rules() {
    run("endpoint-rules sso", "sso", |region, variant, _| sso_proto::endpoint(region, variant));
}

#[test]
fn the_endpoints_of_oidc_follow_its_rules() {
    run("endpoint-rules sso-oidc", "sso-oidc", |region, variant, _| {
        oidc_proto::endpoint(region, variant)
    });
}

#[test]
fn the_endpoints_of_sts_follow_its_rules() {
    run("endpoint-rules sts", "sts", |region, variant, global| {
        let rule = if global { sts_proto::Endpoint::legacy } else { sts_proto::Endpoint::regional };
        rule(region, variant).map(|endpoint| endpoint.uri)
    });
}
