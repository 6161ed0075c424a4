//! Fetches role credentials with an HTTP client that blocks:
//! `blocking_client ENDPOINT ACCESS_TOKEN ACCOUNT ROLE`.
//!
//! This `ureq` has no TLS, which suits an endpoint on this machine; a program enables its feature
//! `rustls`, and takes the endpoint from `sso_proto::endpoint("eu-west-1", Default::default())`.
#![expect(clippy::print_stdout, reason = "a program of its own")]

use sso_proto::{GetRoleCredentials, http::Uri, wire, wire::CallError, wire::SessionCredentials};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [endpoint, access_token, account_id, role_name] = arguments.as_slice() else {
        return Err("usage: blocking_client ENDPOINT ACCESS_TOKEN ACCOUNT ROLE".into());
    };
    let access_token = &access_token.as_str().into();
    let get = GetRoleCredentials { access_token, account_id, role_name };
    println!("{:?}", fetch(&get, &endpoint.parse()?)?); // secrets do not show
    Ok(())
}

fn fetch(get: &GetRoleCredentials<'_>, endpoint: &Uri) -> Result<SessionCredentials, CallError> {
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
    let agent = ureq::Agent::new_with_config(config.build());
    let send = |request| agent.run(request).map(|response| response.map(ureq::Body::into_reader));
    wire::call_blocking(get, endpoint, send, std::thread::sleep)
}

#[test]
fn it_fetches_and_repeats_what_may_pass() {
    use emulator::{Fault, FaultKind, Scenario, Server};
    let server = Server::of(Scenario::default()).unwrap();
    let lost = FaultKind::Drop { processed: false };
    server.set_faults(&[Fault::new("GetRoleCredentials", lost).times(1)]);
    let token = server.sign_in().access_token;
    let get = |role_name| {
        let get =
            GetRoleCredentials { access_token: &token, account_id: "111122223333", role_name };
        fetch(&get, &server.base_url().parse().unwrap())
    };
    assert!(get("ReadOnly").unwrap().access_key_id.starts_with("ASIA"));
    assert_eq!(server.count("GetRoleCredentials"), 2);
    assert_eq!(get("Nobody").unwrap_err().service().unwrap().code, "ForbiddenException");
}
