//! Servers that say nothing. The clock of the runtime jumps to the next deadline where nothing else
//! is to be done.

use std::net::TcpListener;
use std::time::Duration;

use tokio::time::Instant;
use transport::{Config, Culprit, Hyper, Proxies, Proxy, Roots};
use wire::{Retry, Transport};

use crate::support::{chain, get, once, server};

/// Connections are made, for the system does that, but nobody reads from them.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    (listener, host)
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_given_up_within_40_seconds_and_told() {
    let (_listener, host) = silent();
    let begin = Instant::now();
    let request = get(&format!("http://{host}"), Retry::Transient);
    let error = Hyper::new(Config::default()).send(request).await.unwrap_err();
    let took = begin.elapsed();
    assert!((Duration::from_secs(30)..Duration::from_secs(40)).contains(&took), "{took:?}");
    assert_eq!((&*error.host, error.unsent), (&*host, false));
    assert!(chain(&error).contains("no answer within 15 s"), "{}", chain(&error));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_speaks_no_tls_has_12_seconds() {
    let (_listener, host) = silent();
    let (_server, _directory, bundle) = server();
    let begin = Instant::now();
    let request = get(&format!("https://{host}"), Retry::Unsent);
    let error =
        once(Config::default().with_roots(Roots::Bundle(bundle))).send(request).await.unwrap_err();
    assert_eq!((begin.elapsed().as_secs(), error.unsent), (12, true));
    assert!(chain(&error).contains("no connection within 12 s"), "{}", chain(&error));
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_says_nothing_has_10_seconds_and_is_told_by_its_name() {
    let (_listener, host) = silent();
    let (_server, _directory, bundle) = server();
    let proxy = Proxy::parse(&host, "HTTPS_PROXY").unwrap();
    let proxies = Proxies::default().with_https(proxy);
    let hyper = once(Config::default().with_proxies(proxies).with_roots(Roots::Bundle(bundle)));
    let begin = Instant::now();
    let request = get("https://oidc.eu-west-1.amazonaws.com", Retry::Unsent);
    let error = hyper.send(request).await.unwrap_err();
    assert_eq!((begin.elapsed().as_secs(), error.unsent), (10, true));
    let text = chain(&error);
    assert!(text.contains(&format!("the proxy {host} of HTTPS_PROXY: no answer")), "{text}");
    assert_eq!(Culprit::of(&*error.source), Some(Culprit::Proxy));
}
