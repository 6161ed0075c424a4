use emulator::Server;
use transport::{Config, Culprit, Issuer, Proxies, Proxy, Roots};
use wire::{Retry, Transport};

use crate::support::{chain, get, once, server};

async fn send(server: &Server, roots: Roots) -> Result<(), wire::TransportError> {
    let hyper = once(Config::default().with_roots(roots));
    let url = format!("{}/_emulator/health", server.base_url());
    hyper.send(get(&url, Retry::Unsent)).await.map(|response| assert_eq!(response.status(), 200))
}

/// `SSL_CERT_FILE` or `SSL_CERT_DIR`, and nothing else.
#[cfg(not(any(windows, target_vendor = "apple")))]
fn variable(name: &str, path: &std::path::Path) -> Roots {
    Roots::from_variables(|wanted| (wanted == name).then(|| path.into()))
}

#[tokio::test]
async fn a_bundle_is_trusted_and_nothing_else() {
    let (server, _directory, bundle) = server();
    send(&server, Roots::Bundle(bundle)).await.unwrap();
    let error = send(&server, Roots::Platform).await.unwrap_err();
    assert!(error.unsent && chain(&error).contains("invalid peer certificate"), "{error:?}");
    assert_eq!(Culprit::of(&*error.source), Some(Culprit::Certificates));
}

#[cfg(not(any(windows, target_vendor = "apple")))]
#[tokio::test]
async fn the_variables_of_openssl_name_a_file_or_directories() {
    use std::path::Path;
    let (server, directory, bundle) = server();
    send(&server, variable("SSL_CERT_FILE", &bundle)).await.unwrap();
    send(&server, variable("SSL_CERT_DIR", directory.path())).await.unwrap();
    let list = std::env::join_paths([Path::new("/nonexistent"), directory.path()]).unwrap();
    send(&server, variable("SSL_CERT_DIR", Path::new(&list))).await.unwrap();
    let error = send(&server, variable("SSL_CERT_FILE", Path::new("/nonexistent"))).await;
    let error = chain(&error.unwrap_err());
    assert!(error.contains("cannot read the certificates of /nonexistent"), "{error}");
    assert_eq!(variable("SSL_CERT_FILE", Path::new("")), Roots::Platform);
}

#[tokio::test]
async fn certificates_that_cannot_be_read_are_named_before_anything_is_sent() {
    let roots = Roots::Bundle("/nonexistent/bundle.pem".into());
    assert!(roots.check().unwrap_err().to_string().contains("/nonexistent/bundle.pem"));
    let hyper = once(Config::default().with_roots(roots));
    let error = hyper.send(get("https://127.0.0.1:1/", Retry::Unsent)).await.unwrap_err();
    assert!(chain(&error).contains("cannot read the certificates of /nonexistent/bundle.pem"));
    assert_eq!(Culprit::of(&*error.source), Some(Culprit::Certificates));
}

#[tokio::test]
async fn whoever_signed_a_certificate_is_named_trusted_or_not_and_through_a_proxy() {
    let (server, ..) = server();
    let url = server.base_url().parse().unwrap();
    let issuer = Issuer::of(&Proxies::default(), &url).await.unwrap();
    assert_eq!(issuer.common_name.as_deref(), Some("keyfob emulator"));
    assert_eq!((issuer.organization.as_deref(), &*issuer.to_string()), (None, "keyfob emulator"));
    let port = url.port_u16().unwrap();
    let proxy = Proxy::parse(&format!("127.0.0.1:{port}"), "HTTPS_PROXY").unwrap();
    let proxies = Proxies::default().with_https(proxy);
    let aws = "https://oidc.eu-west-1.amazonaws.com".parse().unwrap();
    assert_eq!(Issuer::of(&proxies, &aws).await, Some(issuer));
    let plain = format!("http://127.0.0.1:{port}").parse().unwrap();
    assert_eq!(Issuer::of(&Proxies::default(), &plain).await, None);
    let nobody = "https://127.0.0.1:1".parse().unwrap();
    assert_eq!(Issuer::of(&Proxies::default(), &nobody).await, None);
}
