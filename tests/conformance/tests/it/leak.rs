//! No text of keyfob's shows a secret of any input of these suites.

use std::error::Error;
use std::fmt::Debug;
use test_support::json_answer;

use conformance::{Corpus, committed_and_corpora, corpus, text};
use http::Response;
use oidc_proto::{CreateToken, Grant, RegisterClient, StartDeviceAuthorization};
use providers::Session;
use serde_json::{Value, json};
use sso_proto::{GetRoleCredentials, ListAccountRoles, ListAccounts, Logout};
use sts_proto::{GetCallerIdentity, SigningKeys};
use token_cache::{CachedRegistration, CachedRole, CachedToken};
use wire::{EndpointVariant, Members, Operation, Secret, Timestamp};

use crate::oracle_requests::request;
use crate::oracle_responses::response;
use crate::session::{World, chain};

/// What every secret of an input is replaced by.
const CANARY: &str = "hunter2-hunter2-hunter2";

/// The members that hold secrets, in any case.
const SECRETS: [&str; 9] = [
    "accesstoken",
    "clientsecret",
    "codeverifier",
    "devicecode",
    "idtoken",
    "refreshtoken",
    "secretaccesskey",
    "sessiontoken",
    "webidentitytoken",
];

/// Replaces the texts of secret members in JSON that need not be valid; tells how many.
fn plant(json: &str) -> (String, usize) {
    let mut planted = String::new();
    let mut number = 0;
    let mut rest = json;
    while let Some((before, after)) = rest.split_once('"') {
        let Some((name, behind)) = after.split_once('"') else { break };
        planted.push_str(&format!("{before}\"{name}\""));
        rest = behind;
        let value = behind.trim_start().strip_prefix(':').map(str::trim_start);
        let is_secret = SECRETS.contains(&name.to_ascii_lowercase().as_str());
        if let (true, Some(value)) = (is_secret, value.and_then(|value| value.strip_prefix('"'))) {
            let mut escaped = false;
            let end = value.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            let Some(end) = end else { break };
            planted.push_str(&format!(":\"{CANARY}\""));
            rest = value.get(end + 1..).unwrap();
            number += 1;
        }
    }
    (planted + rest, number)
}

fn planted(case: &Value) -> Value {
    serde_json::from_str(&plant(&case.to_string()).0).unwrap()
}

#[track_caller]
fn assert_hidden(shown: &str) {
    assert!(!shown.contains(CANARY), "{shown}");
}

/// Checks the `Debug` of a result, and the texts of its error.
#[track_caller]
fn assert_result_hidden<T: Debug, E: Error + 'static>(result: &Result<T, E>) {
    assert_hidden(&format!("{result:?} {result:#?}"));
    if let Err(error) = result {
        assert_hidden(&chain(error));
    }
}

#[test]
fn secrets_are_planted_where_they_stand() {
    let json = r#"{"accessToken": "a\"b", "x": "accessToken", "RefreshToken":null,"idToken":"#;
    let expected = json.replace(r#"a\"b"#, CANARY).replace(": \"h", ":\"h");
    assert_eq!(plant(json), (expected, 1));
}

#[test]
fn token_files_are_not_shown() {
    let mut number = 0;
    let go = corpus("go-v2").map(|corpus: Corpus| corpus.files("data/ssocreds", "json"));
    let go = go.into_iter().flatten().map(|path| std::fs::read(path).unwrap());
    let files = committed_and_corpora("token-cache-formats", "expected.json")
        .into_iter()
        .map(|(corpus, case)| corpus.read(&format!("cases/{}.json", text(&case, "id"))));
    for file in files.chain(go) {
        let (file, secrets) = plant(&String::from_utf8_lossy(&file));
        number += secrets;
        let file = file.as_bytes();
        assert_result_hidden(&CachedToken::from_slice(file));
        assert_result_hidden(&CachedToken::salvage(file));
        assert_result_hidden(&CachedRegistration::from_slice(file));
        assert_result_hidden(&CachedRole::from_slice(file));
        if let Ok(token) = CachedToken::from_slice(file) {
            assert_hidden(&format!("{:?}", token.to_vec()));
        }
    }
    assert!(number > 30, "{number} secrets were planted");
}

#[test]
fn members_that_keyfob_does_not_know_are_not_shown() {
    let json = format!(
        r#"{{"accessToken":"a","ACCESSTOKEN":"{CANARY}","expiresAt":"2030-01-01T00:00:00Z",
            "idToken":"{CANARY}"}}"#
    );
    assert_result_hidden(&CachedToken::from_slice(json.as_bytes()));
    assert_result_hidden(&Members::from_slice(json.as_bytes()));
}

#[test]
fn requests_are_not_shown() {
    for (_, case) in committed_and_corpora("botocore-oracle", "data/requests.json") {
        match request(&planted(&case)) {
            Some(Ok(request)) => assert_hidden(&format!("{request:?}")),
            Some(Err(error)) => assert_hidden(&error),
            None => {}
        }
    }
}

#[test]
fn operations_are_not_shown() {
    let secret = &Secret::from(CANARY);
    let (account_id, role_name, client_id) = ("1", "R", "c");
    let keys =
        SigningKeys { access_key_id: "A", secret_access_key: secret, session_token: Some(secret) };
    assert_hidden(&format!(
        "{:?}",
        (
            GetRoleCredentials { access_token: secret, account_id, role_name },
            ListAccounts::first_page(secret),
            ListAccountRoles::first_page(secret, account_id),
            Logout { access_token: secret },
            GetCallerIdentity { keys, region: "r", now: Timestamp::from_unix(0) },
            StartDeviceAuthorization { client_id, client_secret: secret, start_url: "u" },
        )
    ));
    let grants = [
        Grant::authorization_code(secret, secret, "u"),
        Grant::device_code(secret),
        Grant::refresh_token(secret),
    ];
    for grant in grants {
        let operation = CreateToken { client_id, client_secret: secret, grant, scope: None };
        assert_hidden(&format!("{operation:?}"));
    }
}

fn assert_answer_hidden<O: Operation<Output: Debug>>(response: &Response<Vec<u8>>) {
    assert_result_hidden(&O::decode(response));
    let refusal = O::decode_error(response);
    assert_hidden(&format!("{refusal:?} {refusal}"));
}

fn assert_answers_hidden(response: &Response<Vec<u8>>) {
    assert_answer_hidden::<CreateToken<'_>>(response);
    assert_answer_hidden::<GetCallerIdentity<'_>>(response);
    assert_answer_hidden::<GetRoleCredentials<'_>>(response);
    assert_answer_hidden::<ListAccountRoles<'_>>(response);
    assert_answer_hidden::<ListAccounts<'_>>(response);
    assert_answer_hidden::<RegisterClient<'_>>(response);
    assert_answer_hidden::<StartDeviceAuthorization<'_>>(response);
}

#[test]
fn responses_are_not_shown() {
    for (_, mut case) in committed_and_corpora("botocore-oracle", "data/responses.json") {
        let (body, _) = plant(text(&case, "body"));
        case["body"] = body.into();
        assert_answers_hidden(&response(&case));
    }
}

#[test]
fn answers_of_something_else_are_not_shown() {
    for body in ["CANARY", "\"CANARY\"", "[\"CANARY\"]", "<html>CANARY</html>", "<a>CANARY"] {
        for status in [200, 400, 502] {
            let body = body.replace("CANARY", CANARY).into_bytes();
            let response = Response::builder().status(status).body(body).unwrap();
            assert_answers_hidden(&response);
        }
    }
}

#[test]
fn refreshed_and_refused_tokens_are_not_shown() {
    let stored = json!({
        "accessToken": CANARY, "clientId": "c", "clientSecret": CANARY, "refreshToken": CANARY,
        "expiresAt": "2026-01-02T03:00:00Z",
    });
    let session = Session::named("dev", "https://d-1.awsapps.com/start", "eu-west-1");
    let secret = json!({"accessToken": CANARY, "refreshToken": CANARY, "expiresIn": 60});
    let refusal = json!({"error": "invalid_grant", "error_description": "no"});
    for (status, body) in [(200, &secret), (200, &refusal), (400, &refusal), (500, &secret)] {
        let world = World::new("2026-01-02T03:04:05Z", json_answer(status, body));
        assert_result_hidden(&world.token(&session, stored.to_string().as_bytes()));
        assert_hidden(&world.notes.text());
        for request in world.requests() {
            assert_hidden(&format!("{request:?}"));
        }
    }
}

#[test]
fn passwords_in_endpoints_are_not_shown() {
    for url in ["https://u:PASSWORD@h", "http://u:PASSWORD@127.0.0.1", "u:PASSWORD@h"] {
        let url = url.replace("PASSWORD", CANARY);
        assert_result_hidden(&wire::custom_endpoint(&url, EndpointVariant::default()));
    }
}
