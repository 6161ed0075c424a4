//! The tests of the Go SDK's package `ssocreds`.

use conformance::{Corpus, Tally, corpus, text};
use providers::{ProvideCredentials, Role, Session, SsoRole};
use serde_json::{Value, json};
use test_support::{block_on, json_answer};
use token_cache::CachedToken;

use crate::session::{World, described};

/// The start URL that the files of the corpus name.
const START_URL: &str = "start URL";

/// Puts the texts of Go's errors into the words of ours.
fn expected_error(case: &Value) -> Option<&str> {
    Some(match case["expectErrorContains"].as_str()? {
        "failed to read cached SSO token file" => "no file",
        "cached SSO token is expired, or not present" | "SSO session has expired or is invalid" => {
            "expired"
        }
        missing if missing.contains("must contain accessToken and expiresAt") => "no token",
        syntax if syntax.contains("failed to parse") => "no token",
        other => other,
    })
}

/// Whether a case has members that a test does not know, and so asks for more than it checks.
fn asks_more(case: &Value, known: &[&str]) -> bool {
    case.as_object().unwrap().keys().any(|member| !known.contains(&member.as_str()))
}

const UNKNOWN_MEMBERS: &str = "the case has members that the test does not know";

fn stored(corpus: &Corpus, file: &str) -> Option<Vec<u8>> {
    std::fs::read(corpus.path(&format!("data/ssocreds/{file}"))).ok()
}

/// Describes the members of a token that a case names.
fn members(token: &CachedToken, named: &Value) -> Value {
    let secret = |secret: &Option<wire::Secret<String>>| {
        secret.as_ref().map(|secret| secret.expose().clone())
    };
    let all = json!({
        "accessToken": token.access_token.expose(),
        "expiresAt": token.expires_at.to_string(),
        "clientId": token.client_id,
        "clientSecret": secret(&token.client_secret),
        "refreshToken": secret(&token.refresh_token),
    });
    named.as_object().unwrap().keys().map(|name| (name.clone(), all[name].clone())).collect()
}

#[test]
fn cached_tokens_are_loaded_as_the_go_sdk_loads_them() {
    let Some(corpus) = corpus("go-v2") else { return };
    let mut tally = Tally::new("go ssocreds load-cached-token", &[]);
    let suite = corpus.json("cases/ssocreds-load-cached-token.json");
    for case in suite["tests"].as_array().unwrap() {
        if asks_more(
            case,
            &["name", "file", "expect", "expectUnknownFields", "expectErrorContains"],
        ) {
            tally.skip(UNKNOWN_MEMBERS);
            continue;
        }
        let token =
            stored(&corpus, text(case, "file")).map(|bytes| CachedToken::from_slice(&bytes));
        let expected =
            expected_error(case).map_or_else(|| case["expect"].to_string(), str::to_owned);
        let seen = match &token {
            None => "no file".to_owned(),
            Some(Err(_)) => "no token".to_owned(),
            Some(Ok(token)) => members(token, &case["expect"]).to_string(),
        };
        tally.compare(text(case, "name"), &expected, &seen);
        if let Some(Ok(token)) = token {
            assert_kept(&case["expectUnknownFields"], token.to_vec().expose());
        }
    }
    tally.finish();
}

/// Checks that members survive a write-back; their names may change their case, as row
/// `member-case` tells.
fn assert_kept(members: &Value, written: &[u8]) {
    let written: Value = serde_json::from_slice(written).unwrap();
    for (name, value) in members.as_object().into_iter().flatten() {
        let kept = written.as_object().unwrap().iter();
        let mut kept = kept.filter(|(other, _)| other.eq_ignore_ascii_case(name));
        assert_eq!(kept.next().map(|(_, kept)| kept), Some(value), "{name}");
    }
}

#[test]
fn tokens_are_provided_as_the_go_sdk_provides_them() {
    let Some(corpus) = corpus("go-v2") else { return };
    let mut tally = Tally::new("go ssocreds token-provider", &[]);
    let suite = corpus.json("cases/ssocreds-token-provider.json");
    for case in suite["tests"].as_array().unwrap() {
        if asks_more(case, &["name", "file", "expectToken", "expectErrorContains"]) {
            tally.skip(UNKNOWN_MEMBERS);
            continue;
        }
        let expected = expected_error(case).map_or_else(
            || {
                let token = &case["expectToken"];
                format!("{} until {}", text(token, "value"), text(token, "expires"))
            },
            str::to_owned,
        );
        let world = World::new(text(&suite, "now"), json_answer(500, &json!({})));
        let session = Session::legacy(START_URL, "us-west-2");
        let seen = match stored(&corpus, text(case, "file")) {
            Some(bytes) => world.token(&session, &bytes),
            None => block_on(world.provider(&session).token()),
        };
        tally.compare(text(case, "name"), &expected, &described(&seen));
    }
    tally.finish();
}

#[test]
fn unknown_members_survive_a_refresh() {
    let Some(corpus) = corpus("go-v2") else { return };
    let suite = corpus.json("cases/ssocreds-token-provider.json");
    let refreshed = json!({"accessToken": "new", "expiresIn": 600, "refreshToken": "next"});
    let world = World::new(text(&suite, "now"), json_answer(200, &refreshed.to_string()));
    let session = Session::legacy(START_URL, "us-west-2");
    let outcome = world.token(&session, &stored(&corpus, "expired_token.json").unwrap());
    assert_eq!(described(&outcome), "new until 2021-12-21T12:31:01Z");
    let expected = json!({
        "accessToken": "new",
        "clientId": "client id",
        "clientSecret": "client secret",
        "expiresAt": "2021-12-21T12:31:01Z",
        "refreshToken": "next",
        "region": "us-west-2",
        "startUrl": START_URL,
        "unknownField": "some value",
    });
    assert_eq!(world.stored(&session), expected);
}

#[test]
fn credentials_are_provided_as_the_go_sdk_provides_them() {
    let Some(corpus) = corpus("go-v2") else { return };
    let mut tally = Tally::new("go ssocreds credentials-provider", &[]);
    let suite = corpus.json("cases/ssocreds-credentials-provider.json");
    for case in suite["tests"].as_array().unwrap() {
        let known = ["name", "startUrl", "accountId", "roleName", "error", "expectErrorContains"];
        if asks_more(case, &known) {
            tally.skip(UNKNOWN_MEMBERS);
            continue;
        }
        let world =
            World::new(text(&suite, "now"), json_answer(500, &json!({"message": case["error"]})));
        let session = Session::legacy(text(case, "startUrl"), "us-west-2");
        let file = format!(".aws/sso/cache/{}.json", session.cache_key());
        world.file(&session).replace(&stored(&corpus, &file).unwrap()).unwrap();
        let or = |member: &str, default| case[member].as_str().unwrap_or(default).to_owned();
        let (account_id, role_name) = (or("accountId", "012345678901"), or("roleName", "TestRole"));
        let role = Role { account_id: &account_id, role_name: &role_name };
        let error = block_on(SsoRole::new(world.provider(&session), role).provide()).unwrap_err();
        let seen = match described(&Err(error)) {
            text if text.contains("api error") => "api error".to_owned(),
            text => text,
        };
        tally.compare(text(case, "name"), expected_error(case).unwrap(), &seen);
    }
    tally.finish();
}
