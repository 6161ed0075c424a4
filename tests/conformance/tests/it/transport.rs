//! `transport::Hyper` against servers that behave and servers that do not.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use sso_proto::{GetRoleCredentials, ListAccounts};
use transport::{Config, Hyper, Proxies, Proxy, RetryPolicy, Roots};
use wire::{CallError, Operation, Secret, Transport, TransportError};
use wiremock::matchers::{header, header_exists, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const CREDENTIALS: &str = r#"{"roleCredentials":{"accessKeyId":"ASIA1","secretAccessKey":"s",
    "sessionToken":"t","expiration":1767326400000}}"#;

fn hyper() -> Hyper {
    let retry = RetryPolicy { max_delay: Duration::from_millis(1), ..RetryPolicy::default() };
    Hyper::new(Config { retry, user_agent: "keyfob/test".to_owned(), ..Config::default() })
}

async fn fetch(url: &str) -> Result<wire::SessionCredentials, CallError> {
    let token = Secret::from("hunter2");
    let request = GetRoleCredentials { access_token: &token, account_id: "1", role_name: "A+B" };
    wire::call(&request, &url.parse().unwrap(), &hyper()).await
}

#[tokio::test]
async fn a_request_arrives_as_the_service_expects_it() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/base/federation/credentials"))
        .and(query_param("role_name", "A+B"))
        .and(header("x-amz-sso_bearer_token", "hunter2"))
        .and(header("user-agent", "keyfob/test"))
        .and(header_exists("host"))
        .respond_with(ResponseTemplate::new(200).set_body_string(CREDENTIALS))
        .expect(1)
        .mount(&server)
        .await;
    let credentials = fetch(&format!("{}/base", server.uri())).await.unwrap();
    assert_eq!(credentials.access_key_id, "ASIA1");
}

#[tokio::test]
async fn throttling_and_failures_of_the_server_are_repeated() {
    for status in [429, 500, 502, 503, 504] {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .respond_with(ResponseTemplate::new(status).insert_header("retry-after", "0"))
            .up_to_n_times(2)
            .expect(2)
            .mount(&server)
            .await;
        Mock::given(method("GET"))
            .respond_with(ResponseTemplate::new(200).set_body_string(CREDENTIALS))
            .expect(1)
            .mount(&server)
            .await;
        assert!(fetch(&server.uri()).await.is_ok(), "{status}");
    }
}

#[tokio::test]
async fn refusals_are_not_repeated_and_redirects_not_followed() {
    for status in [301, 302, 307, 400, 401, 403, 404] {
        let server = MockServer::start().await;
        let target = format!("{}/elsewhere", server.uri());
        Mock::given(path("/federation/credentials"))
            .respond_with(ResponseTemplate::new(status).insert_header("location", target))
            .expect(1)
            .mount(&server)
            .await;
        let error = fetch(&server.uri()).await.unwrap_err();
        assert_eq!(error.service().unwrap().status, status);
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_request_that_can_be_used_once_is_sent_once() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/token"))
        .respond_with(ResponseTemplate::new(500))
        .expect(1)
        .mount(&server)
        .await;
    let secret = Secret::from("s");
    let request = oidc_proto::CreateToken {
        client_id: "c",
        client_secret: &secret,
        grant: oidc_proto::Grant::refresh_token(&secret),
        scope: None,
    };
    let error = wire::call(&request, &server.uri().parse().unwrap(), &hyper()).await.unwrap_err();
    assert_eq!(error.service().unwrap().status, 500);
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let server = MockServer::start().await;
    let body = vec![b' '; wire::MAX_BODY + 1];
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_bytes(body))
        .mount(&server)
        .await;
    let error = fetch(&server.uri()).await.unwrap_err();
    assert!(chain(&error).contains("the answer is over 1 MiB"), "{}", chain(&error));
}

#[tokio::test]
async fn no_attempt_begins_when_the_window_is_over() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(503))
        .expect(1)
        .mount(&server)
        .await;
    let retry = RetryPolicy { window: Duration::ZERO, ..RetryPolicy::default() };
    let hyper = Hyper::new(Config { retry, ..Config::default() });
    let mut request = http::Request::get(server.uri()).body(Vec::new()).unwrap();
    request.extensions_mut().insert(wire::RetryRule::by_status(wire::Retry::Transient));
    assert_eq!(hyper.send(request).await.unwrap().status(), 503);
}

#[tokio::test]
async fn a_connection_that_is_closed_is_told_with_its_host_and_without_a_secret() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let server = std::thread::spawn(move || {
        for stream in listener.incoming().take(3) {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
        }
    });
    let error = fetch(&format!("http://{host}")).await.unwrap_err();
    server.join().unwrap();
    let CallError::Transport(TransportError { host: named, unsent: false, .. }) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(*named, host);
    assert!(!format!("{error:?} {}", chain(&error)).contains("hunter2"));
}

#[tokio::test]
async fn https_goes_through_the_proxy_with_its_password() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let proxy = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = vec![0; 4096];
        let length = stream.read(&mut head).unwrap();
        stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").unwrap();
        String::from_utf8_lossy(&head[..length]).into_owned()
    });
    let url = format!("http://user:p%40ss@127.0.0.1:{port}");
    let https = Some(Proxy::parse(&url, "HTTPS_PROXY").unwrap());
    let proxies = Proxies { https, ..Proxies::default() };
    let retry = RetryPolicy { attempts: 1, ..RetryPolicy::default() };
    let hyper = Hyper::new(Config { proxies, retry, ..Config::default() });
    let token = Secret::from("t");
    let request = ListAccounts::first_page(&token);
    let endpoint = sso_proto::endpoint("eu-west-1", wire::EndpointVariant::default()).unwrap();
    let error = hyper.send(request.encode(&endpoint).unwrap()).await.unwrap_err();
    let head = proxy.join().unwrap().to_ascii_lowercase();
    assert!(head.starts_with("connect portal.sso.eu-west-1.amazonaws.com:443 "), "{head}");
    assert!(head.contains("proxy-authorization: basic dxnlcjpwqhnz"), "{head}");
    let named = format!("no connection through the proxy 127.0.0.1:{port} of HTTPS_PROXY");
    assert!(chain(&error).contains(&named), "{}", chain(&error));
    assert!(chain(&error).contains("proxy authorization required"), "{}", chain(&error));
    assert!(!chain(&error).contains("p@ss"));
}

#[tokio::test]
async fn certificates_that_cannot_be_read_are_named() {
    let roots = Roots::Bundle("/nonexistent/bundle.pem".into());
    let hyper = Hyper::new(Config { roots, ..Config::default() });
    let request = http::Request::get("https://127.0.0.1:1/").body(Vec::new()).unwrap();
    let error = hyper.send(request).await.unwrap_err();
    assert!(chain(&error).contains("cannot read the certificates of /nonexistent/bundle.pem"));
}

#[tokio::test]
async fn tls_trusts_the_bundle_and_nothing_else() {
    let options = emulator::ServerOptions { port: 0, tls: true };
    let idp = emulator::Idp::new(emulator::Scenario::default());
    let server = emulator::Server::start(idp, options).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let bundle = directory.path().join("ca.pem");
    #[expect(clippy::disallowed_methods, reason = "a file of the test's own")]
    std::fs::write(&bundle, server.ca_certificate_pem().unwrap()).unwrap();
    let url = format!("{}/_emulator/health", server.base_url());
    let send = |roots| {
        let retry = RetryPolicy { attempts: 1, ..RetryPolicy::default() };
        let hyper = Hyper::new(Config { roots, retry, ..Config::default() });
        let request = http::Request::get(&url).body(Vec::new()).unwrap();
        async move { hyper.send(request).await }
    };
    assert!(send(Roots::Bundle(bundle)).await.unwrap().status().is_success());
    let error = send(Roots::Platform).await.unwrap_err();
    assert!(error.unsent && chain(&error).contains("invalid peer certificate"), "{error:?}");
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
