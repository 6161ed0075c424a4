use std::fmt;
use std::net::IpAddr;

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

/// Which proxy a request goes through.
///
/// `no_proxy` is a comma-separated list of host names, which cover their subdomains with or without
/// a leading `.` or `*.`, addresses, CIDR blocks and `*`; a port behind an entry limits it to that
/// port. Loopback and metadata addresses never go through a proxy: a sign-in listens on the one, a
/// credential endpoint on the other.
///
/// Plain http never goes through a proxy, for it never leaves this machine and its metadata.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "the variables of the environment, by literal")]
pub struct Proxies {
    /// `https_proxy`, `HTTPS_PROXY`, else `all_proxy`, `ALL_PROXY`.
    pub https: Option<Proxy>,
    /// `no_proxy`, `NO_PROXY`
    pub no_proxy: Option<String>,
}

/// A proxy, with where it is configured.
#[derive(Clone)]
pub struct Proxy {
    intercept: Intercept,
    place: String,
}

/// The URL of a proxy cannot be used; it may hold a password, and is not shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: the proxy cannot be used: {reason}")]
#[non_exhaustive]
pub struct ProxyError {
    /// The variable that names the proxy.
    pub place: String,
    /// What is wrong with its URL.
    pub reason: &'static str,
}

/// The addresses of instance and container metadata.
const METADATA: [&str; 4] = ["169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"];

impl Proxy {
    /// Reads the URL of a proxy, with or without `http://`, that the variable `place` holds.
    ///
    /// # Errors
    /// Fails where it is none: nothing may be sent past a proxy that somebody wants.
    pub fn parse(url: &str, place: &str) -> Result<Self, ProxyError> {
        let refused = |reason| ProxyError { place: place.to_owned(), reason };
        let url = url.trim();
        if url.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(refused("it has a blank, which a password writes as %20"));
        }
        let not_a_url = || refused("it is not a URL such as http://proxy.example.com:3128");
        let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let uri: Uri = url.parse().map_err(|_| not_a_url())?;
        let authority = uri.authority().ok_or_else(not_a_url)?;
        if uri.scheme_str().is_some_and(|scheme| scheme != "http") {
            return Err(refused("only http:// proxies are supported"));
        }
        if authority.as_str().matches('@').count() > 1 {
            return Err(refused("it has two @, which a password writes as %40"));
        }
        let port = authority.as_str().rsplit('@').next().unwrap_or_default();
        let port = port.strip_prefix(authority.host()).unwrap_or_default();
        if authority.host().is_empty() || (!port.is_empty() && authority.port_u16().is_none()) {
            return Err(not_a_url());
        }
        if uri.path_and_query().is_some_and(|path| path.as_str() != "/") || url.contains('#') {
            return Err(refused("it has a path; a password writes / as %2F and # as %23"));
        }
        // The library reads the user information; its own list of exceptions does not know ports,
        // `*.` and `*` for addresses, so it gets none.
        let any = Uri::from_static("https://amazonaws.com");
        let intercept = Matcher::builder().https(url.as_str()).build().intercept(&any);
        let intercept = intercept.ok_or_else(not_a_url)?;
        Ok(Self { intercept, place: place.to_owned() })
    }

    pub(crate) fn intercept(&self) -> &Intercept {
        &self.intercept
    }

    /// Its host, without the user information.
    pub(crate) fn host(&self) -> &str {
        self.intercept.uri().authority().map(http::uri::Authority::as_str).unwrap_or_default()
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("host", &self.host()).field("place", &self.place).finish()
    }
}

impl Proxies {
    /// Returns the proxy for a URL, `None` for a direct connection.
    pub(crate) fn of(&self, uri: &Uri) -> Option<&Proxy> {
        let proxy = self.https.as_ref().filter(|_| uri.scheme_str() != Some("http"))?;
        let host = uri.host()?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if wire::is_loopback(host) || METADATA.contains(&bare) {
            return None;
        }
        let port = uri.port_u16().unwrap_or(443);
        let mut entries = self.no_proxy.as_deref().unwrap_or_default().split(',').map(str::trim);
        (!entries.any(|entry| covers(entry, bare, port))).then_some(proxy)
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
        let https = Proxy::parse("http://user:p%40ss@proxy.corp:3128", "HTTPS_PROXY").unwrap();
        let proxies = Proxies { https: Some(https), no_proxy: Some(no_proxy.into()) };
        proxies.of(&uri.parse().unwrap()).is_some()
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
        for url in ["http://user:p%40ss@proxy:3128", " user:p%40ss@proxy:3128/"] {
            let proxy = Proxy::parse(url, "HTTPS_PROXY").unwrap();
            assert_eq!(proxy.host(), "proxy:3128");
            assert_eq!(proxy.intercept().basic_auth().unwrap(), "Basic dXNlcjpwQHNz");
            assert!(!format!("{proxy:?}").contains("user"), "{proxy:?}");
        }
        assert_eq!(Proxy::parse("[::1]:3128", "x").unwrap().host(), "[::1]:3128");
        assert_eq!(Proxy::parse("proxy", "x").unwrap().host(), "proxy");
    }

    #[test]
    fn what_is_no_proxy_is_refused_and_not_shown() {
        for url in [
            "",
            "not a url",
            "http://user:hunter 2@proxy:3128",
            "http://user:hunter@2@proxy:3128",
            "http://user:1/hunter2@proxy:3128",
            "http://user:1#hunter2@proxy:3128",
            "http://user:hunter2/@proxy:3128",
            "ftp://user:hunter2@proxy",
            "socks5://proxy:1080",
            "https://proxy",
            "http://",
            "http:///",
            "/etc/proxy",
            "http://proxy:99999",
            "http://proxy:",
            "http://:3128",
            "http://pro\nxy",
        ] {
            let refused = Proxy::parse(url, "HTTPS_PROXY");
            let error = refused.map(|proxy| proxy.host().to_owned()).unwrap_err();
            assert!(error.to_string().starts_with("HTTPS_PROXY: the proxy cannot be used: "));
            assert!(!format!("{error} {error:?}").contains("hunter"), "{error:?}");
        }
    }
}
