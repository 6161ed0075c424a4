//! The endpoint tests that the services publish with their rules.

use conformance::{Tally, corpus, text};
use http::Uri;
use serde_json::Value;
use wire::{EndpointError, EndpointVariant};

type Endpoint = fn(&str, EndpointVariant) -> Result<Uri, EndpointError>;

fn seen(params: &Value, endpoint: Endpoint) -> String {
    let variant = EndpointVariant {
        fips: params["UseFIPS"] == true,
        dual_stack: params["UseDualStack"] == true,
    };
    let uri = match params["Endpoint"].as_str() {
        Some(url) => wire::custom_endpoint(url, variant),
        None => endpoint(params["Region"].as_str().unwrap_or_default(), variant),
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

/// The host that STS had before it had one in each region; see row `sts-global-endpoint`.
const GLOBAL_STS: &str = "https://sts.amazonaws.com";

fn run(suite: &'static str, folder: &str, endpoint: Endpoint) {
    let Some(corpus) = corpus("botocore") else { return };
    let tests = corpus.json(&format!("data/endpoint-rules/{folder}/endpoint-tests-1.json"));
    let mut tally = Tally::new(suite, &[]);
    for case in tests["testCases"].as_array().unwrap() {
        let expect = &case["expect"];
        let expected = expect["endpoint"]["url"].as_str().unwrap_or_else(|| text(expect, "error"));
        if expected == GLOBAL_STS {
            tally.skip("the global endpoint of STS is not used");
        } else {
            tally.compare(text(case, "documentation"), expected, &seen(&case["params"], endpoint));
        }
    }
    tally.finish();
}

#[test]
fn the_endpoints_of_the_portal_follow_its_rules() {
    run("endpoint-rules sso", "sso", sso_proto::endpoint);
}

#[test]
fn the_endpoints_of_oidc_follow_its_rules() {
    run("endpoint-rules sso-oidc", "sso-oidc", oidc_proto::endpoint);
}

#[test]
fn the_regional_endpoints_of_sts_follow_its_rules() {
    run("endpoint-rules sts", "sts", sts_proto::endpoint);
}
