use emulator::{Approval, ApproveError, Scenario};
use serde_json::json;

use crate::client::{Client, Outcome, refused};

/// The example of RFC 7636.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "http://127.0.0.1:40404/oauth/callback";

fn authorize_url(client: &Client) -> String {
    let id = client.registration["clientId"].as_str().unwrap();
    format!(
        "/authorize?response_type=code&client_id={id}\
         &redirect_uri=http%3A%2F%2F127.0.0.1%3A40404%2Foauth%2Fcallback&state=st%20ate\
         &code_challenge_method=S256&scopes=sso%3Aaccount%3Aaccess&code_challenge={CHALLENGE}"
    )
}

fn approve(client: &mut Client) -> String {
    let url = authorize_url(client);
    let url = client.idp.approve_authorization(client.now, &url).unwrap();
    let (code, state) = url
        .strip_prefix("http://127.0.0.1:40404/oauth/callback?code=")
        .and_then(|rest| rest.split_once('&'))
        .unwrap();
    assert_eq!(state, "state=st%20ate");
    code.to_owned()
}

fn redeem(client: &mut Client, code: &str, redirect_uri: &str, verifier: &str) -> Outcome {
    let members = json!({ "code": code, "codeVerifier": verifier, "redirectUri": redirect_uri });
    client.create_token("authorization_code", members)
}

#[test]
fn a_code_gets_a_token_once() {
    let mut client = Client::for_browsers(Scenario::default());
    let code = approve(&mut client);
    let token = redeem(&mut client, &code, REDIRECT, VERIFIER).unwrap();
    assert!(token["refreshToken"].is_string());
    let again = redeem(&mut client, &code, REDIRECT, VERIFIER);
    assert_eq!(again, refused(400, "InvalidGrantException"));
}

#[test]
fn a_code_is_bound_to_verifier_redirect_and_time() {
    let mut client = Client::for_browsers(Scenario::default());
    let refused = refused(400, "InvalidGrantException");
    let wrong = VERIFIER.replace("dBj", "dBk");
    let code = approve(&mut client);
    assert_eq!(redeem(&mut client, &code, REDIRECT, &wrong), refused);
    assert_eq!(redeem(&mut client, &code, REDIRECT, VERIFIER), refused, "spent by the attempt");
    let code = approve(&mut client);
    let registered = "http://127.0.0.1/oauth/callback";
    assert_eq!(redeem(&mut client, &code, registered, VERIFIER), refused);
    let code = approve(&mut client);
    client.advance(60);
    assert_eq!(redeem(&mut client, &code, REDIRECT, VERIFIER), refused);
}

#[test]
fn a_code_belongs_to_its_client() {
    let mut client = Client::for_browsers(Scenario::default());
    let code = approve(&mut client);
    let body = json!({
        "clientName": "thief", "clientType": "public", "grantTypes": ["authorization_code"],
        "issuerUrl": crate::client::START_URL, "redirectUris": ["http://127.0.0.1/oauth/callback"],
    });
    client.registration = client.post("/client/register", &body).unwrap();
    let stolen = redeem(&mut client, &code, REDIRECT, VERIFIER);
    assert_eq!(stolen, refused(400, "InvalidGrantException"));
}

#[test]
fn an_unsafe_redirect_is_a_page_and_other_mistakes_are_redirects() {
    let mut client = Client::for_browsers(Scenario::default());
    let good = authorize_url(&client);
    let now = client.now;
    for (from, to) in [
        ("client_id=", "client_id=x"),
        ("127.0.0.1", "example.com"),
        ("%2Fcallback", "%2Fother"),
        ("http%3A", "https%3A"),
    ] {
        let bad = good.replace(from, to);
        let error = client.idp.approve_authorization(now, &bad).unwrap_err();
        assert!(matches!(error, ApproveError::InvalidRequest(_)), "{to}");
        let (status, _) = client.page(http::Method::GET, &bad, "");
        assert_eq!(status, 400, "{to}");
    }
    for (from, to, error) in [
        ("response_type=code", "response_type=token", "unsupported_response_type"),
        ("S256", "plain", "invalid_request"),
        ("code_challenge=E9", "code_challenge=", "invalid_request"),
        ("sso%3A", "iam%3A", "invalid_scope"),
    ] {
        let bad = good.replace(from, to);
        let url = client.idp.approve_authorization(now, &bad).unwrap();
        assert!(url.starts_with(&format!("{REDIRECT}?error={error}&")), "{url}");
        assert!(url.ends_with("&state=st%20ate"), "{url}");
        assert_eq!(client.page(http::Method::GET, &bad, ""), (302, url));
    }
}

#[test]
fn denial_and_automatic_approval_redirect() {
    let mut client = Client::for_browsers(Scenario::default());
    let url = authorize_url(&client);
    let denied = client.idp.deny_authorization(client.now, &url).unwrap();
    assert!(denied.starts_with(&format!("{REDIRECT}?error=access_denied&error_description=")));

    let mut scenario = Scenario::default();
    scenario.approval = Approval::Automatic;
    let mut client = Client::for_browsers(scenario);
    let url = authorize_url(&client).replace("scopes=", "scope=");
    let (status, location) = client.page(http::Method::GET, &url, "");
    assert_eq!(status, 302);
    assert!(location.starts_with(&format!("{REDIRECT}?code=")));
}
