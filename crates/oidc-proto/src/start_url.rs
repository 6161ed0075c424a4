use http::Uri;

/// Where a start URL leads: the portal itself, or a vanity URL of the company that redirects to it.
///
/// Cache keys and the `startUrl` of cache files hold the configured URL; RegisterClient and
/// StartDeviceAuthorization take the portal's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartUrl {
    /// A portal of AWS, to be used as it is.
    Portal,
    /// A URL of the company's own: one HEAD request without following redirects, or a GET where
    /// HEAD is not allowed (405, 501), tells the portal; see [`StartUrl::follow`].
    Vanity,
}

/// A start URL leads to no portal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartUrlError {
    /// The vanity URL redirects to a host that is not of AWS.
    #[error("the start URL redirects to `{0}`, which is no AWS access portal")]
    Foreign(String),
    /// The vanity URL does not redirect.
    #[error("the start URL is no AWS access portal and does not redirect to one (HTTP {0})")]
    NoRedirect(u16),
    /// The URL cannot be read, or is not https.
    #[error("`{0}` is not an https URL")]
    NotHttps(String),
}

const OWNED_SUFFIXES: [&str; 8] = [
    ".api.amazonwebservices.eu",
    ".app.amazonwebservices.com.cn",
    ".app.aws",
    ".awsapps.cn",
    ".awsapps.com",
    ".portal.amazonaws.com",
    ".portal.amazonaws.com.cn",
    ".portal.amazonaws.eu",
];

const OWNED_HOSTS: [&str; 4] = [
    "identitycenter.amazonaws.com",
    "identitycenter.amazonaws.com.cn",
    "identitycenter.amazonaws.eu",
    "identitycenter.us-gov.amazonaws.com",
];

impl StartUrl {
    /// Tells a portal of AWS from a vanity URL.
    ///
    /// # Errors
    /// Fails where the URL is not https or has no host.
    pub fn classify(url: &str) -> Result<Self, StartUrlError> {
        let host = https_host(url)?;
        Ok(if is_aws_owned(&host) { Self::Portal } else { Self::Vanity })
    }

    /// Reads the answer of a vanity URL: one redirect to a portal of AWS, returned without query,
    /// fragment, user information and trailing slash.
    ///
    /// # Errors
    /// Fails where it does not redirect, or redirects to another host.
    pub fn follow(url: &str, status: u16, location: Option<&str>) -> Result<String, StartUrlError> {
        let location = location
            .filter(|_| matches!(status, 301 | 302 | 303 | 307 | 308))
            .ok_or(StartUrlError::NoRedirect(status))?;
        let host = https_host(url)?;
        let absolute = if location.starts_with("//") {
            format!("https:{location}")
        } else if location.starts_with('/') {
            format!("https://{host}{location}")
        } else {
            location.to_owned()
        };
        let target = normalize(&absolute);
        let host = https_host(&target)?;
        if is_aws_owned(&host) { Ok(target) } else { Err(StartUrlError::Foreign(host)) }
    }

    /// Returns the region that the host of a portal names, where it names one.
    pub fn region(url: &str) -> Option<String> {
        region_of_host(&https_host(url).ok()?)
    }

    /// Returns the region that the page of a portal names, as `<meta name="region" content="…">`.
    /// Portals have it, though AWS documents it nowhere.
    pub fn region_of_page(html: &str) -> Option<String> {
        let metas = html.split("<meta").skip(1).filter_map(|rest| rest.split('>').next());
        let attribute = |meta: &str, name: &str| {
            let (_, value) = meta.split_once(&format!(" {name}=\""))?;
            Some(value.split('"').next().unwrap_or_default().to_owned())
        };
        let mut regions = metas.filter(|meta| attribute(meta, "name").as_deref() == Some("region"));
        let region = attribute(regions.next()?, "content")?;
        wire::partition_of(&region).map(|_| region)
    }
}

/// Whether a host, in any case and with or without a trailing dot, is a portal or issuer of AWS.
fn is_aws_owned(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    OWNED_HOSTS.contains(&host)
        || OWNED_SUFFIXES
            .iter()
            .any(|suffix| host.ends_with(suffix) || suffix.strip_prefix('.') == Some(host))
}

/// Reads the region from a host such as `x.portal.eu-west-1.app.aws`.
fn region_of_host(host: &str) -> Option<String> {
    let host = host.to_ascii_lowercase();
    let labels: Vec<&str> = host.strip_suffix('.').unwrap_or(&host).split('.').collect();
    let ([_, "portal", region, "app", "aws"]
    | [_, "portal", region, "app", "amazonwebservices", "com", "cn"]
    | [_, "portal", region, "api", "amazonwebservices", "eu"]
    | [_, region, "portal", "amazonaws", "com" | "eu"]
    | [_, region, "portal", "amazonaws", "com", "cn"]) = labels.as_slice()
    else {
        return None;
    };
    Some((*region).to_owned()).filter(|region| !region.is_empty())
}

fn https_host(url: &str) -> Result<String, StartUrlError> {
    let refuse = || {
        // Without what may be a password.
        let shown = url.rsplit('@').next().unwrap_or(url);
        StartUrlError::NotHttps(wire::printable(shown))
    };
    // `http::Uri` knows no fragment, which portals of AWS carry (`/start#/`).
    let bare = url.split('#').next().unwrap_or(url);
    let uri: Uri = bare.parse().map_err(|_| refuse())?;
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(host)) if !host.is_empty() => Ok(host.to_owned()),
        _ => Err(refuse()),
    }
}

/// Drops query, fragment, user information, the default port and trailing slashes.
fn normalize(url: &str) -> String {
    let bare = url.split(['?', '#']).next().unwrap_or(url);
    let Some((scheme, rest)) = bare.split_once("://") else { return bare.to_owned() };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let scheme = scheme.to_ascii_lowercase();
    let host = if scheme == "https" { host.strip_suffix(":443").unwrap_or(host) } else { host };
    let path = path.trim_end_matches('/');
    let slash = if path.is_empty() { "" } else { "/" };
    format!("{scheme}://{host}{slash}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portals_of_aws_are_used_as_they_are() {
        for url in [
            "https://d-1234567890.awsapps.com/start",
            "https://D-1234567890.AWSAPPS.com./start#/",
            "https://ssoins-1.portal.eu-west-1.app.aws",
            "https://identitycenter.amazonaws.com/ssoins-1",
            "https://start.us-gov-home.awsapps.com/directory/d-1",
        ] {
            assert_eq!(StartUrl::classify(url), Ok(StartUrl::Portal), "{url}");
        }
        for url in ["https://sso.example.com", "https://awsapps.com.evil.example"] {
            assert_eq!(StartUrl::classify(url), Ok(StartUrl::Vanity), "{url}");
        }
        assert!(StartUrl::classify("http://d-1.awsapps.com/start").is_err());
    }

    #[test]
    fn a_vanity_url_may_lead_to_a_portal_only() {
        let follow = |status, location| {
            StartUrl::follow("https://sso.example.com/go", status, Some(location))
        };
        assert_eq!(
            follow(302, "https://u:p@d-1.awsapps.com:443/start/?x=1#/").as_deref(),
            Ok("https://d-1.awsapps.com/start")
        );
        assert_eq!(
            follow(301, "https://evil.example/"),
            Err(StartUrlError::Foreign("evil.example".into()))
        );
        assert_eq!(follow(200, "https://d-1.awsapps.com"), Err(StartUrlError::NoRedirect(200)));
        assert!(follow(302, "http://d-1.awsapps.com/start").is_err());
    }

    #[test]
    fn a_page_may_name_the_region() {
        let region = |html: &str| StartUrl::region_of_page(html);
        let page = |meta: &str| format!("<html><meta charset=\"utf-8\">{meta}<title>x</title>");
        let named = page("<meta name=\"region\" content=\"eu-west-1\"/>");
        assert_eq!(region(&named).as_deref(), Some("eu-west-1"));
        let turned = page("<meta content=\"us-east-1\" name=\"region\">");
        assert_eq!(region(&turned).as_deref(), Some("us-east-1"));
        for meta in
            ["", "<meta name=\"region\">", "<meta name=\"region\" content=\"Kerala\">", "<meta"]
        {
            assert_eq!(region(&page(meta)), None, "{meta}");
        }
    }

    #[test]
    fn some_hosts_name_their_region() {
        let region = |url| StartUrl::region(url);
        assert_eq!(region("https://x.portal.eu-west-1.app.aws/").as_deref(), Some("eu-west-1"));
        assert_eq!(
            region("https://x.us-east-1.portal.amazonaws.com").as_deref(),
            Some("us-east-1")
        );
        assert_eq!(region("https://d-1.awsapps.com/start"), None);
    }
}
