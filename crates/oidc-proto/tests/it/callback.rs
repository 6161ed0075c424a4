//! The callback of the authorization code flow, from the URL to the code.

use http::Uri;
use oidc_proto::{CallbackError, Pkce, parse_callback};
use wire::Secret;

fn parse(query: &str) -> Result<String, CallbackError> {
    let line = format!("GET /oauth/callback?{query} HTTP/1.1");
    parse_callback(&line, &Secret::from("s1")).map(|code| code.expose().clone())
}

#[test]
fn the_state_decides_before_anything_else_is_believed() {
    assert_eq!(parse("state=s1&code=abc").unwrap(), "abc");
    assert_eq!(parse("code=abc&state=s1&x=y").unwrap(), "abc");
    for stranger in ["state=s2&error=access_denied", "state=&code=abc", "error=x", "state=s11"] {
        assert_eq!(parse(stranger), Err(CallbackError::State), "{stranger}");
    }
}

#[test]
fn a_callback_without_a_single_code_is_malformed() {
    for query in [
        "state=s1&code=",
        "state=s1&code=a&code=a",
        "state=s1&state=s1&code=a",
        "state=s1&error=a&error=a",
        "state=s1&error=a&error_description=b&error_description=b",
    ] {
        assert_eq!(parse(query), Err(CallbackError::Malformed), "{query}");
    }
    for line in ["GET /oauth/callback?state=s1&code=a HTTP/2", "GET  /oauth/callback HTTP/1.1"] {
        assert_eq!(parse_callback(line, &Secret::from("s1")), Err(CallbackError::Malformed));
    }
}

#[test]
fn a_refusal_is_shown_short_and_without_hidden_characters() {
    let Err(CallbackError::Refused { error, description, .. }) =
        parse("state=s1&error=access_denied&error_description=a%1B%5B2J+b")
    else {
        panic!("it is refused")
    };
    assert_eq!((error.as_str(), description.as_deref()), ("access_denied", Some("a\\u{1b}[2J b")));
    let long = parse(&format!("state=s1&error={}", "x".repeat(5000))).unwrap_err().to_string();
    assert_eq!(long, "x".repeat(300));
}

#[test]
fn a_proof_is_made_of_randomness_and_shown_to_nobody() {
    let (one, other) = (Pkce::from_entropy([1; 48]), Pkce::from_entropy([2; 48]));
    assert_ne!(one.challenge(), other.challenge());
    assert!(!format!("{one:?}").contains(one.verifier().expose().as_str()));
    let endpoint = Uri::from_static("http://127.0.0.1:4001/base");
    let url = one.authorize_url(&endpoint, "c d", "u", &Secret::from("s1"), &[]);
    let begin = "http://127.0.0.1:4001/authorize?response_type=code&client_id=c%20d&redirect_uri=u\
                 &state=s1&code_challenge_method=S256&scopes=&code_challenge=";
    assert_eq!(url, format!("{begin}{}", one.challenge()));
}
