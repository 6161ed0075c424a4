//! The endpoint rules that SSO, SSO OIDC and STS share, as in the rule sets that botocore ships.

use http::Uri;

/// A partition of AWS: a set of regions under one DNS suffix.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Partition {
    /// The name in ARNs, such as `aws-us-gov`.
    pub name: &'static str,
    /// What regional endpoints end in.
    pub dns_suffix: &'static str,
    /// What dual-stack endpoints end in.
    pub dual_stack_dns_suffix: &'static str,
    /// The region that stands for the partition where none is known.
    pub implicit_global_region: &'static str,
    /// The pseudo-region of global services, if the partition has one.
    pub global_region: Option<&'static str>,
    /// What the hosts of the sign-in service end in; the region stands before it.
    pub signin_host: &'static str,
    /// What the hosts of the console end in; the region stands before it.
    pub console_host: &'static str,
    /// What the regions begin with; a word, a hyphen and a number follow.
    prefixes: &'static [&'static str],
}

/// All partitions, the commercial one first.
pub const PARTITIONS: [Partition; 8] = [
    Partition {
        name: "aws",
        dns_suffix: "amazonaws.com",
        dual_stack_dns_suffix: "api.aws",
        implicit_global_region: "us-east-1",
        global_region: Some("aws-global"),
        signin_host: "signin.aws.amazon.com",
        console_host: "console.aws.amazon.com",
        prefixes: &["us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"],
    },
    Partition {
        name: "aws-cn",
        dns_suffix: "amazonaws.com.cn",
        dual_stack_dns_suffix: "api.amazonwebservices.com.cn",
        implicit_global_region: "cn-northwest-1",
        global_region: Some("aws-cn-global"),
        signin_host: "signin.amazonaws.cn",
        console_host: "console.amazonaws.cn",
        prefixes: &["cn-"],
    },
    Partition {
        name: "aws-eusc",
        dns_suffix: "amazonaws.eu",
        dual_stack_dns_suffix: "api.amazonwebservices.eu",
        implicit_global_region: "eusc-de-east-1",
        global_region: None,
        signin_host: "signin.amazonaws-eusc.eu",
        console_host: "console.amazonaws-eusc.eu",
        prefixes: &["eusc-de-"],
    },
    Partition {
        name: "aws-iso",
        dns_suffix: "c2s.ic.gov",
        dual_stack_dns_suffix: "api.aws.ic.gov",
        implicit_global_region: "us-iso-east-1",
        global_region: Some("aws-iso-global"),
        signin_host: "signin.c2shome.ic.gov",
        console_host: "console.c2shome.ic.gov",
        prefixes: &["us-iso-"],
    },
    Partition {
        name: "aws-iso-b",
        dns_suffix: "sc2s.sgov.gov",
        dual_stack_dns_suffix: "api.aws.scloud",
        implicit_global_region: "us-isob-east-1",
        global_region: Some("aws-iso-b-global"),
        signin_host: "signin.sc2shome.sgov.gov",
        console_host: "console.sc2shome.sgov.gov",
        prefixes: &["us-isob-"],
    },
    Partition {
        name: "aws-iso-e",
        dns_suffix: "cloud.adc-e.uk",
        dual_stack_dns_suffix: "api.cloud-aws.adc-e.uk",
        implicit_global_region: "eu-isoe-west-1",
        global_region: Some("aws-iso-e-global"),
        signin_host: "signin.csphome.adc-e.uk",
        console_host: "console.csphome.adc-e.uk",
        prefixes: &["eu-isoe-"],
    },
    Partition {
        name: "aws-iso-f",
        dns_suffix: "csp.hci.ic.gov",
        dual_stack_dns_suffix: "api.aws.hci.ic.gov",
        implicit_global_region: "us-isof-south-1",
        global_region: Some("aws-iso-f-global"),
        signin_host: "signin.csphome.hci.ic.gov",
        console_host: "console.csphome.hci.ic.gov",
        prefixes: &["us-isof-"],
    },
    Partition {
        name: "aws-us-gov",
        dns_suffix: "amazonaws.com",
        dual_stack_dns_suffix: "api.aws",
        implicit_global_region: "us-gov-west-1",
        global_region: Some("aws-us-gov-global"),
        signin_host: "signin.amazonaws-us-gov.com",
        console_host: "console.amazonaws-us-gov.com",
        prefixes: &["us-gov-"],
    },
];

impl Partition {
    /// Whether the hosts of sign-in and console are documented, or known from sources that are: those
    /// of the isolated partitions follow from their sign-in pages, and nobody could try them.
    pub fn has_known_console(&self) -> bool {
        !self.name.starts_with("aws-iso")
    }
}

/// Returns the partition that a region lies in, by its name or its shape; `aws` for a region that
/// no partition knows.
pub fn partition(region: &str) -> &'static Partition {
    let [aws, ..] = &PARTITIONS;
    partition_of(region).unwrap_or(aws)
}

/// Returns the partition that a region lies in, by its name or its shape.
pub fn partition_of(region: &str) -> Option<&'static Partition> {
    let matches = |partition: &Partition| {
        partition.global_region == Some(region)
            || partition.prefixes.iter().any(|prefix| {
                region.strip_prefix(prefix).and_then(|rest| rest.split_once('-')).is_some_and(
                    |(word, number)| {
                        !word.is_empty()
                            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                            && !number.is_empty()
                            && number.bytes().all(|byte| byte.is_ascii_digit())
                    },
                )
            })
    };
    PARTITIONS.iter().find(|partition| matches(partition))
}

/// Which of the endpoints of a region is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "AWS has had these two since endpoint rules exist")]
pub struct EndpointVariant {
    /// `use_fips_endpoint`
    pub fips: bool,
    /// `use_dualstack_endpoint`
    pub dual_stack: bool,
}

/// No endpoint follows from the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// A custom endpoint stands beside FIPS or dual-stack, of which AWS knows nothing there.
    #[error("a custom endpoint cannot be combined with {0}")]
    Combination(&'static str),
    /// The custom endpoint is not a URL that requests can be sent to.
    #[error("the endpoint `{url}` cannot be used: {reason}")]
    Custom {
        /// The URL as configured.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The region is missing.
    #[error("no region is configured")]
    MissingRegion,
    /// What the configuration says cannot be used.
    #[error("{place}: {source}")]
    #[non_exhaustive]
    Placed {
        /// The variable, or file and line.
        place: String,
        /// What is wrong.
        source: Box<Self>,
    },
    /// The region would not make a host name; sent as it is, it could name another host.
    #[error("`{0}` is not a region: letters, digits and hyphens only")]
    Region(String),
    /// What would name the endpoint cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// `sts_regional_endpoints` or `AWS_STS_REGIONAL_ENDPOINTS` has a value that means nothing.
    #[error("sts_regional_endpoints is `regional` or `legacy`, not `{0}`")]
    StsRegionalEndpoints(String),
}

impl EndpointError {
    /// Tells where it is configured.
    #[must_use]
    pub fn at(self, place: &str) -> Self {
        Self::Placed { place: place.to_owned(), source: Box::new(self) }
    }
}

/// Returns the endpoint of the service with host `prefix` (`portal.sso`, `oidc`, `sts`) in a region.
///
/// # Errors
/// Fails where the region is not a host label.
pub fn regional_endpoint(
    prefix: &str,
    region: &str,
    variant: EndpointVariant,
) -> Result<Uri, EndpointError> {
    validate_region(region)?;
    let partition = partition(region);
    let suffix =
        if variant.dual_stack { partition.dual_stack_dns_suffix } else { partition.dns_suffix };
    // The plain endpoints of GovCloud are FIPS endpoints already.
    let fips = variant.fips && (variant.dual_stack || partition.name != "aws-us-gov");
    let fips = if fips { "-fips" } else { "" };
    let url = format!("https://{prefix}{fips}.{region}.{suffix}");
    url.parse().map_err(|_| EndpointError::Region(region.to_owned()))
}

/// Checks that a region can stand in a host name.
///
/// # Errors
/// Fails where it has other characters than letters, digits and inner hyphens, or over 63 of them.
pub fn validate_region(region: &str) -> Result<(), EndpointError> {
    let label = (1..=63).contains(&region.len())
        && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-');
    if region.is_empty() {
        Err(EndpointError::MissingRegion)
    } else if label {
        Ok(())
    } else {
        Err(EndpointError::Region(region.to_owned()))
    }
}

/// Reads a custom endpoint: `https`, or `http` on the loopback interface, with an optional base
/// path and nothing behind it.
///
/// # Errors
/// Fails where tokens could leak over plain http, where the URL has user information, a query or a
/// fragment, and where FIPS or dual-stack is asked for as well.
pub fn custom_endpoint(url: &str, variant: EndpointVariant) -> Result<Uri, EndpointError> {
    let refuse = |reason| EndpointError::Custom { url: without_user(url), reason };
    if variant.fips {
        return Err(EndpointError::Combination("FIPS"));
    }
    if variant.dual_stack {
        return Err(EndpointError::Combination("dual-stack"));
    }
    if url.contains('#') {
        return Err(refuse("it has a fragment"));
    }
    let uri: Uri = url.trim().parse().map_err(|_| refuse("it is not a URL"))?;
    let host =
        uri.host().filter(|host| !host.is_empty()).ok_or_else(|| refuse("it has no host"))?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(refuse("it has user information"));
    }
    if uri.query().is_some() {
        return Err(refuse("it has a query"));
    }
    match uri.scheme_str() {
        Some("https") => Ok(uri),
        Some("http") if is_loopback(host) => Ok(uri),
        Some("http") => Err(refuse("plain http is for loopback hosts only, tokens would leak")),
        _ => Err(refuse("it is neither https nor http")),
    }
}

/// Whether a host, as a URL writes it, is this machine: `localhost`, `127.0.0.0/8` or `::1`.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn without_user(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
        (None, Some((_, rest))) => format!("…@{rest}"),
        (_, None) => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(region: &str, fips: bool, dual_stack: bool) -> String {
        let variant = EndpointVariant { fips, dual_stack };
        regional_endpoint("portal.sso", region, variant).unwrap().host().unwrap().to_owned()
    }

    #[test]
    fn every_partition_has_its_suffixes() {
        let hosts = [
            ("us-east-1", "portal.sso.us-east-1.amazonaws.com"),
            ("cn-north-1", "portal.sso.cn-north-1.amazonaws.com.cn"),
            ("us-gov-west-1", "portal.sso.us-gov-west-1.amazonaws.com"),
            ("us-iso-east-1", "portal.sso.us-iso-east-1.c2s.ic.gov"),
            ("us-isob-east-1", "portal.sso.us-isob-east-1.sc2s.sgov.gov"),
            ("eu-isoe-west-1", "portal.sso.eu-isoe-west-1.cloud.adc-e.uk"),
            ("us-isof-south-1", "portal.sso.us-isof-south-1.csp.hci.ic.gov"),
            ("eusc-de-east-1", "portal.sso.eusc-de-east-1.amazonaws.eu"),
            ("mx-central-1", "portal.sso.mx-central-1.amazonaws.com"),
            ("xx-foo-1", "portal.sso.xx-foo-1.amazonaws.com"),
        ];
        for (region, expected) in hosts {
            assert_eq!(host(region, false, false), expected);
        }
    }

    #[test]
    fn a_region_has_a_word_and_a_number_behind_its_prefix() {
        for region in ["us-east-1", "us-future_place-12"] {
            assert_eq!(partition_of(region).unwrap().name, "aws");
        }
        for region in ["us-east", "us--1", "us-east-", "us-ea*st-1", "us-east-1a", "xx-east-1"] {
            assert!(partition_of(region).is_none(), "{region}");
        }
        assert_eq!(partition_of("aws-cn-global").unwrap().name, "aws-cn");
    }

    #[test]
    fn fips_of_govcloud_is_its_plain_endpoint() {
        assert_eq!(host("us-gov-west-1", true, false), "portal.sso.us-gov-west-1.amazonaws.com");
        assert_eq!(host("us-gov-west-1", true, true), "portal.sso-fips.us-gov-west-1.api.aws");
        assert_eq!(host("us-east-1", true, true), "portal.sso-fips.us-east-1.api.aws");
    }

    #[test]
    fn a_region_cannot_name_another_host() {
        for region in ["evil.example/", "a b", "x@y", "-a", "a-", &"a".repeat(64)] {
            let endpoint = regional_endpoint("oidc", region, EndpointVariant::default());
            assert_eq!(endpoint, Err(EndpointError::Region(region.to_owned())));
        }
        assert_eq!(validate_region(""), Err(EndpointError::MissingRegion));
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        let plain = EndpointVariant::default();
        for url in ["http://127.0.0.1:1", "http://localhost:1/x", "http://[::1]:1", "https://a.b"] {
            assert!(custom_endpoint(url, plain).is_ok(), "{url}");
        }
        let refused =
            ["http://a.b", "http://localhost.a.b", "http://127.0.0.1.a.b", "ftp://a", "a"];
        let named = custom_endpoint("https://u:p@a.b/c", plain).unwrap_err().to_string();
        assert!(named.contains("`https://…@a.b/c`"), "{named}");
        for url in refused.into_iter().chain(["https://u:p@a", "https://a/?q", "https://a/#f"]) {
            let error = custom_endpoint(url, plain).unwrap_err().to_string();
            assert!(!error.contains("u:p"), "{error}");
            let leaks = error.contains("tokens would leak");
            assert_eq!(leaks, url.starts_with("http://"), "{error}");
        }
    }
}
