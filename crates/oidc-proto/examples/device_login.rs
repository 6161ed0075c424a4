//! A whole device login with an HTTP client that blocks: `device_login ENDPOINT START_URL`.
//!
//! This `ureq` has no TLS, which suits an endpoint on this machine; a program enables its feature
//! `rustls`, and takes the endpoint from `oidc_proto::endpoint("eu-west-1", Default::default())`.
#![expect(clippy::print_stdout, reason = "a program of its own")]

use oidc_proto::wire::{SystemTimes, call_blocking};
use oidc_proto::{RegisterClient, Token, http::Uri};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let [Some(endpoint), Some(start_url)] = [1, 2].map(|index| std::env::args().nth(index)) else {
        return Err("usage: device_login ENDPOINT START_URL".into());
    };
    println!("{:?}", sign_in(&endpoint.parse()?, &start_url)?); // secrets do not show
    Ok(())
}

fn sign_in(endpoint: &Uri, start_url: &str) -> Result<Token> {
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
    let agent = ureq::Agent::new_with_config(config.build());
    let send = |request| agent.run(request).map(|response| response.map(ureq::Body::into_reader));
    let (now, wait) = (|| SystemTimes.now(), std::thread::sleep);
    let client = call_blocking(&RegisterClient::for_device_code("example"), endpoint, send, wait)?;
    let start = client.start_device_authorization(start_url);
    let device = call_blocking(&start, endpoint, send, wait)?;
    println!("Open {} and confirm {}", device.verification_uri, device.user_code);
    let create_token = client.create_token(device.grant());
    let attempt = || call_blocking(&create_token, endpoint, send, wait);
    let token = device.poll(now()).run(now, wait, attempt)?;
    token.ok_or_else(|| "nobody confirmed the code".into())
}

#[test]
fn it_signs_in_where_somebody_confirms() {
    use emulator::{Approval, Scenario, Server};
    let server = |approval| {
        let mut scenario = Scenario::default();
        scenario.approval = approval;
        Server::of(scenario).unwrap()
    };
    let start_url = Scenario::default().start_urls.remove(0);
    let (confirms, declines) = (server(Approval::Automatic), server(Approval::Deny));
    let token = sign_in(&confirms.base_url().parse().unwrap(), &start_url).unwrap();
    assert!(token.refresh_token.is_some());
    let declined = sign_in(&declines.base_url().parse().unwrap(), &start_url).unwrap_err();
    assert!(declined.to_string().contains("AccessDenied"), "{declined}");
}
