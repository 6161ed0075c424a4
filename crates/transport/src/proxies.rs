use std::net::IpAddr;

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

/// Which proxy a request goes through.
///
/// `no_proxy` is a comma-separated list of host names, which cover their subdomains with or without
/// a leading `.` or `*.`, addresses, CIDR blocks and `*`; a port behind an entry limits it to that
/// port. Loopback and metadata addresses never go through a proxy: a sign-in listens on the one, a
/// credential endpoint on the other.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "the variables of the environment, by literal")]
pub struct Proxies {
    /// For https: `https_proxy`, `HTTPS_PROXY`, else `all_proxy`, `ALL_PROXY`.
    pub https: Option<String>,
    /// For http: `http_proxy`, else `all_proxy`, `ALL_PROXY`.
    pub http: Option<String>,
    /// `no_proxy`, `NO_PROXY`
    pub no_proxy: Option<String>,
}

/// The addresses of instance and container metadata.
const METADATA: [&str; 4] = ["169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"];

impl Proxies {
    /// Returns the proxy for a URL, `None` for a direct connection.
    pub(crate) fn intercept(&self, uri: &Uri) -> Option<Intercept> {
        let host = uri.host()?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if wire::is_loopback(host) || METADATA.contains(&bare) {
            return None;
        }
        let default_port = if uri.scheme_str() == Some("http") { 80 } else { 443 };
        let port = uri.port_u16().unwrap_or(default_port);
        let mut entries = self.no_proxy.as_deref().unwrap_or_default().split(',').map(str::trim);
        if entries.any(|entry| covers(entry, bare, port)) {
            return None;
        }
        // The library parses the proxy's URL and its user information; its own list of exceptions
        // does not know ports, `*.` and `*` for addresses, so it gets none.
        Matcher::builder()
            .https(self.https.as_deref().unwrap_or_default())
            .http(self.http.as_deref().unwrap_or_default())
            .build()
            .intercept(uri)
    }
}

fn covers(entry: &str, host: &str, port: u16) -> bool {
    if entry.is_empty() {
        return false;
    }
    if entry == "*" {
        return true;
    }
    let (name, entry_port) = split_port(entry);
    if entry_port.is_some_and(|entry_port| entry_port != port) {
        return false;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return match name.split_once('/') {
            Some((network, bits)) => in_network(address, network, bits),
            None => name.parse() == Ok(address),
        };
    }
    let name = name.trim_start_matches('*').trim_start_matches('.').to_ascii_lowercase();
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    !name.is_empty()
        && host.strip_suffix(&name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Splits `host:port` and `[v6]:port`; a bare IPv6 address has no port.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some((name, rest)) = entry.strip_prefix('[').and_then(|entry| entry.split_once(']')) {
        return (name, rest.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match entry.split_once(':') {
        Some((name, port)) if !port.contains(':') => (name, port.parse().ok()),
        _ => (entry, None),
    }
}

fn in_network(address: IpAddr, network: &str, bits: &str) -> bool {
    let Ok(bits) = bits.parse::<u32>() else { return false };
    match (address, network.parse()) {
        (IpAddr::V4(address), Ok(IpAddr::V4(network))) if bits <= 32 => {
            let shift = 32 - bits;
            let prefix = |address: u32| address.checked_shr(shift).unwrap_or(0);
            prefix(address.to_bits()) == prefix(network.to_bits())
        }
        (IpAddr::V6(address), Ok(IpAddr::V6(network))) if bits <= 128 => {
            let shift = 128 - bits;
            let prefix = |address: u128| address.checked_shr(shift).unwrap_or(0);
            prefix(address.to_bits()) == prefix(network.to_bits())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxied(no_proxy: &str, uri: &str) -> bool {
        let proxies = Proxies {
            https: Some("http://user:p%40ss@proxy.corp:3128".into()),
            http: None,
            no_proxy: Some(no_proxy.into()),
        };
        proxies.intercept(&uri.parse().unwrap()).is_some()
    }

    #[test]
    fn exceptions_are_those_of_other_tools() {
        assert!(proxied("", "https://oidc.eu-west-1.amazonaws.com"));
        assert!(proxied("amazonaws.com.example, .corp", "https://oidc.eu-west-1.amazonaws.com"));
        for (no_proxy, uri) in [
            ("*", "https://10.1.2.3"),
            ("amazonaws.com", "https://oidc.eu-west-1.amazonaws.com"),
            (".amazonaws.com", "https://oidc.eu-west-1.amazonaws.com"),
            ("x, *.AmazonAWS.com", "https://oidc.eu-west-1.amazonaws.com"),
            ("sso.corp:443", "https://sso.corp"),
            ("10.0.0.0/8", "https://10.1.2.3"),
            ("[2001:db8::1]:443", "https://[2001:db8::1]"),
            ("2001:db8::/32", "https://[2001:db8::1]"),
            ("0.0.0.0/0", "https://10.1.2.3"),
        ] {
            assert!(!proxied(no_proxy, uri), "{no_proxy} {uri}");
        }
        assert!(proxied("sso.corp:8443", "https://sso.corp"));
        assert!(proxied("10.0.0.0/16", "https://10.1.2.3"));
        assert!(proxied("corp", "https://notcorp"));
    }

    #[test]
    fn this_machine_is_never_proxied() {
        for uri in ["https://localhost:4001", "https://127.0.0.1", "https://[::1]:1"] {
            assert!(!proxied("", uri), "{uri}");
        }
        assert!(!proxied("", "https://169.254.170.2"));
    }

    #[test]
    fn user_information_becomes_a_header() {
        let proxies =
            Proxies { https: Some("http://user:p%40ss@proxy:3128".into()), ..Proxies::default() };
        let intercept = proxies.intercept(&"https://h".parse().unwrap()).unwrap();
        assert_eq!(intercept.uri().host(), Some("proxy"));
        assert_eq!(intercept.basic_auth().unwrap(), "Basic dXNlcjpwQHNz");
    }
}
