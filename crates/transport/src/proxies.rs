use std::ffi::OsString;
use std::fmt;
use std::net::IpAddr;

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use ipnet::IpNet;

/// The variables that name the proxy, in the order in which they count.
const HTTPS: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// The variables that name exceptions.
const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// Which proxy a request goes through: none by default.
///
/// Loopback and metadata addresses never go through a proxy: a sign-in listens on the one, a
/// credential endpoint on the other. Plain http does not either, for it never leaves this machine
/// and its metadata; so `http_proxy` has no meaning here.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    https: Option<Proxy>,
    no_proxy: String,
}

/// A proxy, with where it is configured.
#[derive(Clone)]
pub struct Proxy {
    intercept: Intercept,
    place: String,
}

/// A proxy that somebody wants cannot be used. Its URL may hold a password, and is not shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyError {
    /// The variable is no text.
    #[error("the variable {variable} is not UTF-8")]
    #[non_exhaustive]
    NotUnicode {
        /// Its name.
        variable: String,
    },
    /// It holds no URL of a proxy.
    #[error("{place}: the proxy cannot be used: {reason}")]
    #[non_exhaustive]
    Url {
        /// The variable that names the proxy.
        place: String,
        /// What is wrong with its URL.
        reason: &'static str,
    },
}

/// The addresses of instance and container metadata.
const METADATA: [&str; 4] = ["169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"];

impl Proxy {
    /// Reads the URL of a proxy, with or without `http://`, that the variable `place` holds.
    ///
    /// # Errors
    /// Fails where it is none: nothing may be sent past a proxy that somebody wants.
    pub fn parse(url: &str, place: &str) -> Result<Self, ProxyError> {
        let refused = |reason| ProxyError::Url { place: place.to_owned(), reason };
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

    /// Returns its host and port, without the user information.
    pub fn host(&self) -> &str {
        self.intercept.uri().authority().map(http::uri::Authority::as_str).unwrap_or_default()
    }

    /// Returns what names it, such as `HTTPS_PROXY`.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("host", &self.host()).field("place", &self.place).finish()
    }
}

impl Proxies {
    /// Takes the proxies from the environment of this process, see [`Proxies::from_variables`]. It
    /// is the only function of this crate that reads it.
    ///
    /// # Errors
    /// As [`Proxies::from_variables`].
    #[expect(clippy::disallowed_methods, reason = "for programs that do not capture it themselves")]
    pub fn from_env() -> Result<Self, ProxyError> {
        Self::from_variables(|name| std::env::var_os(name))
    }

    /// Takes the proxies from variables: the first one of `https_proxy`, `HTTPS_PROXY`, `all_proxy`
    /// and `ALL_PROXY` that is set and not empty, and `no_proxy` or `NO_PROXY`.
    ///
    /// # Errors
    /// Fails where a variable is not UTF-8, or names what is no proxy.
    pub fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, ProxyError> {
        let first = |names: &[&'static str]| -> Result<Option<(&'static str, String)>, ProxyError> {
            let value = |name| variable(name).filter(|value| !value.is_empty());
            let Some((name, value)) = names.iter().find_map(|name| Some((*name, value(name)?)))
            else {
                return Ok(None);
            };
            let not_unicode = |_| ProxyError::NotUnicode { variable: name.to_owned() };
            Ok(Some((name, value.into_string().map_err(not_unicode)?)))
        };
        let https = first(&HTTPS)?.map(|(name, url)| Proxy::parse(&url, name)).transpose()?;
        let no_proxy = first(&NO_PROXY)?.map(|(_, list)| list).unwrap_or_default();
        Ok(Self { https, no_proxy })
    }

    /// Sets the proxy of https requests.
    #[must_use]
    pub fn with_https(self, proxy: Proxy) -> Self {
        Self { https: Some(proxy), ..self }
    }

    /// Sets the hosts that are connected directly.
    ///
    /// It is a comma-separated list of host names, which cover their subdomains with or without a
    /// leading `.` or `*.`, addresses, CIDR blocks and `*`; a port behind an entry limits it to
    /// that port.
    #[must_use]
    pub fn with_no_proxy(self, hosts: impl Into<String>) -> Self {
        Self { no_proxy: hosts.into(), ..self }
    }

    /// Returns the proxy for a URL, `None` for a direct connection.
    pub fn of(&self, uri: &Uri) -> Option<&Proxy> {
        let proxy = self.https.as_ref().filter(|_| uri.scheme_str() != Some("http"))?;
        let host = uri.host()?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if wire::is_loopback(host) || METADATA.contains(&bare) {
            return None;
        }
        let port = uri.port_u16().unwrap_or(443);
        let is_direct =
            self.no_proxy.split(',').map(str::trim).any(|entry| covers(entry, bare, port));
        (!is_direct).then_some(proxy)
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
        return match name.parse::<IpNet>() {
            Ok(network) => network.contains(&address),
            Err(_) => name.parse() == Ok(address),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn proxied(no_proxy: &str, uri: &str) -> bool {
        let https = Proxy::parse("http://user:p%40ss@proxy.corp:3128", "HTTPS_PROXY").unwrap();
        let proxies = Proxies::default().with_https(https).with_no_proxy(no_proxy);
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
            ("10.9.9.9/8:443", "https://10.1.2.3"),
        ] {
            assert!(!proxied(no_proxy, uri), "{no_proxy} {uri}");
        }
        assert!(proxied("sso.corp:8443", "https://sso.corp"));
        assert!(proxied("10.0.0.0/16", "https://10.1.2.3"));
        assert!(proxied("corp", "https://notcorp"));
        assert!(proxied("10.0.0.0/33, 10.0.0.0/, ::/0", "https://10.1.2.3"));
        assert!(proxied("0.0.0.0/0", "https://[2001:db8::1]"));
    }

    #[test]
    fn this_machine_is_never_proxied() {
        for uri in ["https://localhost:4001", "https://127.0.0.1", "https://[::1]:1"] {
            assert!(!proxied("", uri), "{uri}");
        }
        assert!(!proxied("", "https://169.254.170.2"));
    }

    #[test]
    fn plain_http_is_never_proxied() {
        assert!(!proxied("", "http://10.1.2.3") && proxied("", "https://10.1.2.3"));
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
