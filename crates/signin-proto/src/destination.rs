use std::fmt;

use http::Uri;
use wire::{EndpointError, PARTITIONS, Partition, partition, partition_of, validate_region};

use crate::services::service;

/// A page of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    url: String,
}

/// A URL of the console as somebody has copied it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsoleUrl {
    /// The page, without the prefix of a session.
    pub destination: Destination,
    /// The account that the prefix of the host names, where several sessions are open.
    pub account_id: Option<String>,
    /// The region of the page.
    pub region: Option<String>,
    /// The partition of the host.
    pub partition: &'static Partition,
}

/// Not a page of the console.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DestinationError {
    /// The region cannot stand in a host name.
    #[error(transparent)]
    Region(#[from] EndpointError),
    /// A path holds what cannot stand in a URL, or leads to another host.
    #[error("`{0}` is no path on the host of the console")]
    Path(String),
    /// A URL is not one of the console.
    #[error("{0} is no page of the console: {1}")]
    Url(String, &'static str),
}

impl Destination {
    /// The first page of the console in a region.
    ///
    /// # Errors
    /// Fails where the region is not a host label.
    pub fn home(region: &str) -> Result<Self, DestinationError> {
        Self::path("console/home", region)
    }

    /// The page of a service, by its short name or else by what stands first in its path.
    ///
    /// # Errors
    /// Fails where the region is not a host label, or the name cannot stand in a URL.
    pub fn service(name: &str, region: &str) -> Result<Self, DestinationError> {
        let Some(service) = service(name) else {
            let is_word =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            if name.is_empty() || !name.bytes().all(is_word) {
                return Err(DestinationError::Path(name.to_owned()));
            }
            return Self::path(&format!("{name}/home"), region);
        };
        let query = if service.is_global { String::new() } else { format!("?region={region}") };
        let fragment = match service.fragment {
            "" => String::new(),
            fragment => format!("#{fragment}"),
        };
        Self::at(region, &format!("{}{query}{fragment}", service.path))
    }

    /// The page of a path, which may have a query and a fragment. The region is added where the path
    /// has no query.
    ///
    /// # Errors
    /// Fails where the region is not a host label, or the path cannot stand in a URL.
    pub fn path(path: &str, region: &str) -> Result<Self, DestinationError> {
        let is_url =
            |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\');
        let relative = path.strip_prefix('/').unwrap_or(path);
        if relative.starts_with('/') || !relative.bytes().all(is_url) {
            return Err(DestinationError::Path(path.to_owned()));
        }
        let (before, fragment) = match relative.split_once('#') {
            Some((before, fragment)) => (before, format!("#{fragment}")),
            None => (relative, String::new()),
        };
        let query = if before.contains('?') { String::new() } else { format!("?region={region}") };
        Self::at(region, &format!("{before}{query}{fragment}"))
    }

    fn at(region: &str, path: &str) -> Result<Self, DestinationError> {
        validate_region(region)?;
        let host = partition(region).console_host;
        Ok(Self { url: format!("https://{region}.{host}/{path}") })
    }

    /// Returns the URL.
    pub fn as_str(&self) -> &str {
        &self.url
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl ConsoleUrl {
    /// Reads a URL that somebody has copied from a browser. The prefix of their session goes: it is
    /// nobody else's. Path, query and fragment stay.
    ///
    /// # Errors
    /// Fails where it is not `https` on a host of the console: a link that was sent could lead
    /// anywhere else.
    pub fn parse(text: &str) -> Result<Self, DestinationError> {
        let text = text.trim();
        // A link may hold the password of somebody.
        let shown = || {
            let page = text.split(['?', '#']).next().unwrap_or_default();
            wire::printable(page.rsplit('@').next().unwrap_or_default())
        };
        let refuse = |why| DestinationError::Url(shown(), why);
        let (before, fragment) = match text.split_once('#') {
            Some((before, fragment)) => (before, Some(fragment)),
            None => (text, None),
        };
        let is_plain =
            |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\');
        if !text.bytes().all(is_plain) {
            return Err(refuse("it has characters that no URL has"));
        }
        let uri: Uri = before.parse().map_err(|_| refuse("it is not a URL"))?;
        if uri.scheme_str() != Some("https") {
            return Err(refuse("it is not https"));
        }
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        if uri.authority().is_none_or(|authority| !authority.as_str().eq_ignore_ascii_case(&host)) {
            return Err(refuse("it has a port or user information"));
        }
        let found = PARTITIONS.iter().find_map(|partition| {
            let labels = host.strip_suffix(partition.console_host)?;
            (labels.is_empty() || labels.ends_with('.')).then_some((partition, labels))
        });
        let (partition, labels) = found.ok_or_else(|| refuse("its host is none of the console"))?;
        let mut labels: Vec<&str> = labels.split_terminator('.').collect();
        let account_id = labels.first().and_then(|label| session_account(label));
        if account_id.is_some() {
            labels.remove(0);
        }
        let of_host = labels.iter().find(|label| partition_of(label) == Some(partition));
        let query = uri.query().unwrap_or_default().split('&');
        let mut regions = query.filter_map(|pair| pair.strip_prefix("region="));
        let of_query = regions.rfind(|region| partition_of(region) == Some(partition));
        let region = of_query.or_else(|| of_host.copied()).map(str::to_owned);
        labels.push(partition.console_host);
        let mut url = format!("https://{}", labels.join("."));
        url.push_str(uri.path_and_query().map_or("/", |it| it.as_str()));
        if let Some(fragment) = fragment {
            url.push('#');
            url.push_str(fragment);
        }
        let destination = Destination { url };
        Ok(Self { destination, account_id, region, partition })
    }
}

/// The account of a label such as `111122223333-a1b2c3d4`, which stands before the host of a session
/// where several are open.
fn session_account(label: &str) -> Option<String> {
    let (account_id, session) = label.split_once('-')?;
    let is_account = account_id.len() == 12 && account_id.bytes().all(|it| it.is_ascii_digit());
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_session = session.len() == 8 && session.bytes().all(is_part);
    (is_account && is_session).then(|| account_id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_its_page_in_each_partition() {
        let url = |name, region| Destination::service(name, region).unwrap().to_string();
        assert_eq!(
            url("ddb", "eu-west-1"),
            "https://eu-west-1.console.aws.amazon.com/dynamodbv2/home?region=eu-west-1"
        );
        assert_eq!(url("iam", "cn-north-1"), "https://cn-north-1.console.amazonaws.cn/iam/home");
        assert_eq!(
            url("logs", "us-gov-west-1"),
            "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch/home\
             ?region=us-gov-west-1#logsV2:log-groups"
        );
        assert_eq!(
            url("newthing", "eusc-de-east-1"),
            "https://eusc-de-east-1.console.amazonaws-eusc.eu/newthing/home?region=eusc-de-east-1"
        );
    }

    #[test]
    fn a_path_stays_on_the_host() {
        let path = |path| Destination::path(path, "eu-west-1").map(|it| it.to_string());
        assert_eq!(
            path("/ec2/home?region=eu-north-1#Instances:").unwrap(),
            "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-north-1#Instances:"
        );
        assert_eq!(
            path("s3/buckets#x").unwrap(),
            "https://eu-west-1.console.aws.amazon.com/s3/buckets?region=eu-west-1#x"
        );
        for bad in ["//evil.example.com", "/a b#c", "a\nb", "a\\b", "ü"] {
            assert_eq!(path(bad), Err(DestinationError::Path(bad.to_owned())), "as it was given");
        }
        for bad in ["a/b", "", "@evil", "a?b"] {
            assert!(Destination::service(bad, "eu-west-1").is_err(), "{bad}");
        }
        for bad in ["", "x.example.com/", "a#"] {
            assert!(Destination::home(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_copied_url_tells_account_and_region_and_loses_its_session() {
        let url = ConsoleUrl::parse(
            "https://111122223333-a1b2c3d4.eu-west-1.console.aws.amazon.com/s3/buckets/x?region=eu-north-1&tab=o#f?g",
        )
        .unwrap();
        assert_eq!(
            url.destination.as_str(),
            "https://eu-west-1.console.aws.amazon.com/s3/buckets/x?region=eu-north-1&tab=o#f?g"
        );
        assert_eq!(url.account_id.as_deref(), Some("111122223333"));
        assert_eq!((url.region.as_deref(), url.partition.name), (Some("eu-north-1"), "aws"));
        let plain = ConsoleUrl::parse(" https://console.amazonaws.cn ").unwrap();
        assert_eq!(plain.destination.as_str(), "https://console.amazonaws.cn/");
        assert_eq!((plain.account_id, plain.region), (None, None));
        let s3 = ConsoleUrl::parse("https://s3.console.aws.amazon.com/s3/home").unwrap();
        assert_eq!(s3.destination.as_str(), "https://s3.console.aws.amazon.com/s3/home");
    }

    #[test]
    fn other_hosts_are_refused() {
        for (url, why) in [
            ("https://example.com/console.aws.amazon.com", "none of the console"),
            ("https://evilconsole.aws.amazon.com/", "none of the console"),
            ("https://console.aws.amazon.com.evil.example/", "none of the console"),
            ("https://console.aws.amazon.com@evil.example/", "a port or user"),
            ("https://a@console.aws.amazon.com/", "a port or user"),
            ("https://console.aws.amazon.com:8443/", "a port or user"),
            ("http://console.aws.amazon.com/", "not https"),
            ("javascript:alert(1)", "it is not"),
            ("https://console.aws.amazon.com/a b", "characters"),
            ("https://console.aws.amazon.com\\@evil.example/", "characters"),
            ("", "not a URL"),
        ] {
            let error = ConsoleUrl::parse(url).unwrap_err().to_string();
            assert!(error.contains(why), "{url}: {error}");
        }
    }
}
