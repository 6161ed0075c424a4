//! The canonical form of a request, which is what a signature covers.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request>

use std::collections::BTreeMap;
use std::fmt::Write;

use http::{Request, Uri};
use wire::{Secret, percent_encode};

/// The headers that are not signed, because clients and proxies set or change them on the way: those
/// that botocore leaves out, and the one with the signature.
const UNSIGNED: [&str; 12] = [
    "authorization",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// How the headers begin that tell of an attempt, and so change with each.
const UNSIGNED_PREFIX: &str = "amz-sdk-";

/// The headers that are signed.
pub(super) struct SignedHeaders {
    /// The lines, one for each name.
    pub(super) lines: Secret<Vec<u8>>,
    /// The names, with a semicolon between them.
    pub(super) names: String,
}

impl SignedHeaders {
    /// Takes those of a request, and its host: sorted by name, the values of one name with a comma
    /// between them and in their order, blanks around a value dropped and those in it made one.
    pub(super) fn of(request: &Request<Vec<u8>>) -> Self {
        let mut headers: BTreeMap<&str, Vec<Vec<u8>>> = BTreeMap::new();
        for (name, value) in request.headers() {
            let name = name.as_str();
            if !UNSIGNED.contains(&name) && !name.starts_with(UNSIGNED_PREFIX) {
                headers.entry(name).or_default().push(collapsed(value.as_bytes()));
            }
        }
        headers.entry("host").or_insert_with(|| vec![host(request.uri()).into_bytes()]);
        let lines = headers
            .iter()
            .flat_map(|(name, values)| [name.as_bytes(), b":", &values.join(&b','), b"\n"].concat())
            .collect::<Vec<_>>();
        let names = headers.into_keys().collect::<Vec<_>>().join(";");
        Self { lines: Secret::new(lines), names }
    }
}

/// The host as HTTP sends it: with its port, unless that is the one of the scheme.
fn host(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    match (uri.port_u16(), uri.scheme_str()) {
        (None, _) | (Some(443), Some("https")) | (Some(80), Some("http")) => host.to_owned(),
        (Some(port), _) => format!("{host}:{port}"),
    }
}

fn collapsed(value: &[u8]) -> Vec<u8> {
    let words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}

/// The path without `.`, `..` and empty segments, encoded over the encoding that it has.
pub(super) fn path(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(percent_encode(segment)),
        }
    }
    let end = if path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    format!("/{}{end}", segments.join("/"))
}

/// The path with the segments that it has, encoded once.
pub(super) fn literal_path(path: &str) -> String {
    let segments: Vec<_> = path.split('/').map(|part| encoded_once(part.bytes())).collect();
    let path = segments.join("/");
    if path.is_empty() { "/".to_owned() } else { path }
}

/// The names and values of a query, encoded once. `+` is a blank, as the services read it.
pub(super) fn parameters(uri: &Uri) -> Vec<(String, String)> {
    let encoded =
        |text: &str| encoded_once(text.bytes().map(|byte| if byte == b'+' { b' ' } else { byte }));
    let parts = uri.query().unwrap_or_default().split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (encoded(name), encoded(value)))
        .collect()
}

/// Writes the parameters of a query, sorted by their encoded names, then values.
pub(super) fn query(mut parameters: Vec<(String, String)>) -> Secret<String> {
    parameters.sort();
    let parameters = Secret::new(parameters);
    let pairs = parameters.expose().iter().map(|(name, value)| format!("{name}={value}"));
    Secret::new(pairs.collect::<Vec<_>>().join("&"))
}

/// Encodes what may be encoded already: `~` and `%7e` both become `~`.
fn encoded_once(bytes: impl Iterator<Item = u8> + Clone) -> String {
    let mut bytes = bytes;
    let mut encoded = String::new();
    while let Some(mut byte) = bytes.next() {
        if byte == b'%'
            && let Some(escaped) = escape(bytes.clone())
        {
            byte = escaped;
            bytes.nth(1);
        }
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}"); // writing to a String cannot fail
        }
    }
    encoded
}

/// The byte that the two digits behind a percent sign stand for.
fn escape(mut digits: impl Iterator<Item = u8>) -> Option<u8> {
    let mut byte = [0];
    hex::decode_to_slice([digits.next()?, digits.next()?], &mut byte).ok()?;
    Some(u8::from_be_bytes(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_signed_unless_it_is_the_one_of_the_scheme() {
        let host = |uri: &str| host(&uri.parse().unwrap());
        assert_eq!(host("http://127.0.0.1:4003/"), "127.0.0.1:4003");
        assert_eq!(host("https://h:443/"), "h");
        assert_eq!(host("http://h:443/"), "h:443");
        assert_eq!(host("https://[::1]:8443/"), "[::1]:8443");
    }

    #[test]
    fn headers_are_sorted_joined_and_collapsed() {
        let request = Request::get("https://h/")
            .header("x-b", "  two   words\t")
            .header("X-A", "2")
            .header("x-b", "")
            .header("x-a", "1")
            .header("user-agent", "keyfob")
            .header("amz-sdk-request", "attempt=1")
            .body(Vec::new())
            .unwrap();
        let headers = SignedHeaders::of(&request);
        assert_eq!(headers.names, "host;x-a;x-b");
        let lines = String::from_utf8(headers.lines.expose().clone()).unwrap();
        assert_eq!(lines, "host:h\nx-a:2,1\nx-b:two words,\n");
    }

    #[test]
    fn a_path_is_normalised_and_encoded_again() {
        for (sent, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("/a//b/./", "/a/b/"),
            ("/a/b/../c", "/a/c"),
            ("/../..", "/"),
            ("/a/..", "/"),
            ("/a%2Fb/%7E~", "/a%252Fb/%257E~"),
            ("/é@", "/%C3%A9%40"),
        ] {
            assert_eq!(path(sent), canonical, "{sent}");
        }
    }

    #[test]
    fn a_literal_path_is_encoded_once() {
        for (sent, canonical) in [
            ("", "/"),
            ("/a//b/./..", "/a//b/./.."),
            ("/a%2fb/%7E~+%", "/a%2Fb/~~%2B%25"),
            ("/é/%FF", "/%C3%A9/%FF"),
        ] {
            assert_eq!(literal_path(sent), canonical, "{sent}");
        }
    }

    #[test]
    fn a_query_is_encoded_once_and_sorted_by_name() {
        for (sent, canonical) in [
            ("", ""),
            ("?", ""),
            ("?b=2&a", "a=&b=2"),
            ("?a-b=1&a=2&a=1", "a=1&a=2&a-b=1"),
            ("?a=b=c&&=x", "=x&a=b%3Dc"),
            ("?a=x+y%20z%2b&%7E=%zz", "a=x%20y%20z%2B&~=%25zz"),
            ("?B=1&a=1&%C3%A9=é", "%C3%A9=%C3%A9&B=1&a=1"),
        ] {
            let uri = format!("https://h/{sent}").parse().unwrap();
            assert_eq!(query(parameters(&uri)).expose(), canonical, "{sent}");
        }
    }
}
