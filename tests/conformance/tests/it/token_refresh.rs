//! The cases of the SDKs' common specification for a cached token and its refresh.

use conformance::{Tally, corpus, text};
use providers::Session;
use serde_json::{Value, json};
use test_support::json_answer;

use crate::session::{World, described};

fn session(name: &str, stored: &Value) -> Session {
    let or = |member: &str, default| stored[member].as_str().unwrap_or(default).to_owned();
    let start_url = or("startUrl", "https://d-123.awsapps.com/start");
    Session::named(name, &start_url, &or("region", "us-west-2"))
}

/// The file after a case; a refresh token that the answer does not replace stays, as row
/// `refresh-token-kept` tells.
fn expected_file(case: &Value) -> Value {
    let stored = &case["cachedToken"];
    let mut expected = match &case["expectedTokenWriteback"] {
        Value::Null => stored.clone(),
        writeback => writeback.clone(),
    };
    if case["refreshResponse"].is_object() && case["refreshResponse"]["refreshToken"].is_null() {
        expected["refreshToken"] = stored["refreshToken"].clone();
    }
    expected
}

fn expected_request(stored: &Value) -> String {
    let body = json!({
        "clientId": stored["clientId"],
        "clientSecret": stored["clientSecret"],
        "grantType": "refresh_token",
        "refreshToken": stored["refreshToken"],
    });
    format!("POST https://oidc.{}.amazonaws.com/token {body}", text(stored, "region"))
}

/// Describes the outcome, the requests and the file of a case: as expected, and as seen.
fn run(case: &Value, name: &str) -> (String, String) {
    let stored = &case["cachedToken"];
    let session = session(name, stored);
    let refresh = &case["refreshResponse"];
    let reply = match refresh {
        Value::Null => json_answer(400, &json!({"error": "invalid_grant"})),
        refresh => json_answer(200, refresh),
    };
    let world = World::new(text(case, "currentTime"), reply);
    let outcome = described(&world.token(&session, stored.to_string().as_bytes()));
    let requests: Vec<_> = world
        .requests()
        .iter()
        .filter(|request| request.method() != http::Method::GET) // what time is it there?
        .map(|request| {
            let body: Value = serde_json::from_slice(request.body()).unwrap();
            format!("{} {} {body}", request.method(), request.uri())
        })
        .collect();
    let seen = format!("{outcome}; {requests:?}; {}", world.stored(&session));

    let outcome = match &case["expectedToken"] {
        Value::Null => "expired".to_owned(),
        token => format!("{} until {}", text(token, "token"), text(token, "expiration")),
    };
    let requests: Vec<_> =
        refresh.as_object().map(|_| expected_request(stored)).into_iter().collect();
    (format!("{outcome}; {requests:?}; {}", expected_file(case)), seen)
}

fn run_all(suite: &'static str, cases: &Value, name: &str) {
    let mut tally = Tally::new(suite, &[]);
    for case in cases.as_array().unwrap() {
        let (expected, seen) = run(case, name);
        tally.compare(text(case, "documentation"), &expected, &seen);
    }
    tally.finish();
}

#[test]
fn tokens_are_refreshed_as_botocore_is_tested() {
    let Some(corpus) = corpus("botocore") else { return };
    let cases = corpus.json("data/sso-token-sep/sso-token-refresh-cases.json");
    run_all("sso-token-sep refresh", &cases, "admin");
}

#[test]
fn tokens_are_refreshed_as_the_kotlin_sdk_is_tested() {
    let Some(corpus) = corpus("kotlin-aws-config") else { return };
    let cases = &corpus.json("data/sso-token-cache-behavior.json")["cases"];
    run_all("kotlin sso-token-cache-behavior", cases, "test-session");
}

fn expired_at(expires_at: &str) -> Value {
    json!({
        "startUrl": "https://d-1.awsapps.com/start",
        "region": "eu-west-1",
        "accessToken": "old",
        "expiresAt": expires_at,
        "clientId": "client",
        "clientSecret": "secret",
        "registrationExpiresAt": "2026-03-01T00:00:00Z",
        "refreshToken": "kept",
        "ofAnotherTool": [1, null],
    })
}

/// Row `refresh-token-kept`.
#[test]
fn an_answer_without_a_refresh_token_leaves_the_old_one() {
    let case = json!({
        "currentTime": "2026-01-02T03:04:05Z",
        "cachedToken": expired_at("2026-01-02T03:00:00Z"),
        "refreshResponse": {"accessToken": "new", "tokenType": "Bearer", "expiresIn": 3600},
        "expectedToken": {"token": "new", "expiration": "2026-01-02T04:04:05Z"},
        "expectedTokenWriteback": {
            "startUrl": "https://d-1.awsapps.com/start",
            "region": "eu-west-1",
            "accessToken": "new",
            "expiresAt": "2026-01-02T04:04:05Z",
            "clientId": "client",
            "clientSecret": "secret",
            "registrationExpiresAt": "2026-03-01T00:00:00Z",
            "ofAnotherTool": [1, null],
        },
    });
    let (expected, seen) = run(&case, "dev");
    assert_eq!(seen, expected);
    assert!(seen.contains(r#""refreshToken":"kept""#));
}

/// Rows `refresh-window` and `refresh-failure`.
#[test]
fn a_refusal_leaves_a_token_that_still_lives() {
    for (left, refreshes) in [("2026-01-02T03:24:05Z", 0), ("2026-01-02T03:24:04Z", 1)] {
        for status in [400, 500] {
            let stored = expired_at(left);
            let session = session("dev", &stored);
            let refusal = json_answer(status, &json!({"error": "invalid_grant"}));
            let world = World::new("2026-01-02T03:04:05Z", refusal);
            let outcome = world.token(&session, stored.to_string().as_bytes());
            assert_eq!(described(&outcome), format!("old until {left}"));
            assert_eq!(world.requests().len(), refreshes, "{left} {status}");
            assert_eq!(world.stored(&session), stored, "the file stays as it was");
        }
    }
}
