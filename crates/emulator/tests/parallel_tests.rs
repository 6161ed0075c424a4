//! What tests of another tool look like: each has an Identity Center of its own, with its scenario,
//! clock and faults, and they run side by side.

use std::time::Duration;

use emulator::{Fault, FaultKind, Scenario, Server};

/// The tool: lists accounts, again where it is told to wait, and returns the status or the answer.
fn tool(server: &Server, token: &str) -> Result<String, ureq::Error> {
    let url = format!("{}/assignment/accounts", server.base_url());
    let get = || ureq::get(&url).header("x-amz-sso_bearer_token", token).call();
    let again =
        |error| if matches!(error, ureq::Error::StatusCode(429)) { get() } else { Err(error) };
    get().or_else(again)?.into_body().read_to_string()
}

#[test]
fn the_accounts_of_the_person_are_listed() {
    let text = "[[user]]\nname = 'Ada'\nemail = 'ada@example.com'\n\
                [[account]]\nid = '123456789012'\nroles = ['Admin']\n";
    let server = Server::of(Scenario::from_toml(text).unwrap()).unwrap();
    let accounts = tool(&server, server.sign_in().access_token.expose()).unwrap();
    assert!(accounts.contains("123456789012"), "{accounts}");
}

#[test]
fn what_is_throttled_is_asked_once_more() {
    let server = Server::of(Scenario::default()).unwrap();
    let throttle = FaultKind::Throttle { retry_after: None };
    server.set_faults(&[Fault::new("ListAccounts", throttle).times(1)]);
    tool(&server, server.sign_in().access_token.expose()).unwrap();
    assert_eq!(server.calls().iter().map(|call| call.status).collect::<Vec<_>>(), [429, 200]);
}

#[test]
fn a_token_of_yesterday_is_refused() {
    let server = Server::of(Scenario::default()).unwrap();
    let token = server.sign_in();
    server.advance(Duration::from_secs(24 * 3600));
    let refused = tool(&server, token.access_token.expose());
    assert!(matches!(refused, Err(ureq::Error::StatusCode(401))), "{refused:?}");
    assert_eq!(server.count("ListAccounts"), 1);
}
