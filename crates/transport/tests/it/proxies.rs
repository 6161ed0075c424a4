use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::TcpListener;

use http::Response;
use transport::{Config, Culprit, Hyper, Proxies, Proxy, ProxyError, Roots};
use wire::{Retry, Transport};

use crate::support::{answering, chain, get, once, server};

fn from(variables: &[(&str, &str)]) -> Result<Proxies, ProxyError> {
    Proxies::from_variables(|name| {
        let value = variables.iter().find(|(known, _)| *known == name);
        value.map(|(_, value)| OsString::from(value))
    })
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
    let (_server, _directory, bundle) = server();
    let proxies = from(&[("HTTPS_PROXY", &url)]).unwrap();
    let hyper = once(Config::default().with_proxies(proxies).with_roots(Roots::Bundle(bundle)));
    let request = get("https://oidc.eu-west-1.amazonaws.com/token", Retry::Unsent);
    let error = hyper.send(request).await.unwrap_err();
    let head = proxy.join().unwrap().to_ascii_lowercase();
    assert!(head.starts_with("connect oidc.eu-west-1.amazonaws.com:443 "), "{head}");
    assert!(head.contains("proxy-authorization: basic dxnlcjpwqhnz"), "{head}");
    assert!(error.unsent && Culprit::of(&*error.source) == Some(Culprit::Proxy));
    let text = chain(&error);
    let named = format!("no connection through the proxy 127.0.0.1:{port} of HTTPS_PROXY");
    assert!(text.contains(&named) && text.contains("proxy authorization required"), "{text}");
    assert!(!text.contains("p@ss"));
}

#[tokio::test]
async fn plain_http_goes_past_the_proxy() {
    let server = answering(|_| Response::builder().body(Vec::new())).await;
    let proxies = from(&[("HTTPS_PROXY", "127.0.0.1:1"), ("http_proxy", "127.0.0.1:1")]).unwrap();
    let hyper = once(Config::default().with_proxies(proxies));
    let response = hyper.send(get(&server.url, Retry::Unsent)).await.unwrap();
    assert_eq!((response.status().as_u16(), server.requests().len()), (200, 1));
}

#[test]
fn the_first_variable_that_is_set_and_not_empty_names_the_proxy() {
    let named = |variables: &[(&str, &str)]| format!("{:?}", from(variables).unwrap());
    let all = [
        ("https_proxy", ""),
        ("HTTPS_PROXY", "http://upper:1"),
        ("all_proxy", "http://all:1"),
        ("ALL_PROXY", "http://ALL:1"),
    ];
    assert!(named(&all).contains("upper:1"), "{}", named(&all));
    assert!(named(&all[2..]).contains("all:1"), "{}", named(&all[2..]));
    assert!(named(&[("HTTP_PROXY", "http://plain:1")]).contains("https: None"));
    let exceptions = named(&[("no_proxy", ""), ("NO_PROXY", "corp,10.0.0.0/8")]);
    assert!(exceptions.contains("corp,10.0.0.0/8"), "{exceptions}");
}

#[test]
fn what_cannot_be_used_is_told_with_its_variable() {
    let error = from(&[("ALL_PROXY", "socks5://user:hunter2@proxy")]).unwrap_err();
    assert!(error.to_string().starts_with("ALL_PROXY: the proxy cannot be used: "), "{error}");
    assert!(!format!("{error:?}{error}").contains("hunter2"));
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_not_taken_for_one_that_is_not_set() {
    use std::os::unix::ffi::OsStringExt;
    for variable in ["HTTPS_PROXY", "NO_PROXY"] {
        let value = |name: &str| (name == variable).then(|| OsString::from_vec(vec![0xff]));
        let error = Proxies::from_variables(value).unwrap_err();
        assert_eq!(error.to_string(), format!("the variable {variable} is not UTF-8"));
    }
}

#[test]
fn nothing_shows_the_password_of_a_proxy() {
    let proxy = Proxy::parse("http://user:hunter2@proxy:3128", "HTTPS_PROXY").unwrap();
    let proxies = Proxies::default().with_https(proxy.clone()).with_no_proxy("corp");
    let config = Config::default().with_proxies(proxies.clone());
    let shown = format!("{proxy:?} {proxies:?} {config:?} {:?}", Hyper::new(config.clone()));
    assert!(shown.contains("proxy:3128") && !shown.contains("hunter2"), "{shown}");
}
