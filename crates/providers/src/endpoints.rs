use std::fmt;

use http::Uri;
use shared_config::{Environment, Profile};
use wire::{EndpointError, EndpointVariant};

/// The services that are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Service {
    /// SSO OIDC: sign-in and refresh.
    Oidc,
    /// The SSO portal: accounts, roles and their credentials.
    Sso,
    /// STS.
    Sts,
}

/// Where the services are: from the environment, the profile, or the rules of AWS.
///
/// Highest first: `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, the `services` section of the
/// profile, its `endpoint_url`; then the rules, with FIPS and dual-stack as configured. The global
/// variable beats the section, as in botocore and Go. `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, else
/// `ignore_configured_endpoint_urls` of the profile, switches all four off.
#[derive(Clone, Default)]
pub struct Endpoints {
    oidc: Option<Custom>,
    sso: Option<Custom>,
    sts: Option<Custom>,
    sts_regional_endpoints: Option<String>,
    variant: EndpointVariant,
}

/// The variables that switch something about all endpoints.
const FLAGS: [&str; 3] =
    ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"];

impl fmt::Debug for Endpoints {
    /// Says what names each endpoint, not the URL: one that is refused later may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |custom: &Option<Custom>| match custom {
            None => "AWS".to_owned(),
            Some(Custom::Unreadable(reason)) => reason.clone(),
            Some(Custom::Url { place, .. }) => place.clone(),
        };
        f.debug_struct("Endpoints")
            .field("oidc", &place(&self.oidc))
            .field("sso", &place(&self.sso))
            .field("sts", &place(&self.sts))
            .field("variant", &self.variant)
            .finish_non_exhaustive()
    }
}

/// A custom endpoint.
#[derive(Clone)]
enum Custom {
    /// What names it cannot be read, and why: it is not the one of AWS.
    Unreadable(String),
    Url {
        url: String,
        /// The variable that names it, or file and line.
        place: String,
    },
}

impl Service {
    /// The name in a `services` section; in upper case the suffix of the environment variable.
    pub fn id(self) -> &'static str {
        match self {
            Self::Oidc => oidc_proto::SERVICE_ID,
            Self::Sso => sso_proto::SERVICE_ID,
            Self::Sts => sts_proto::SERVICE_ID,
        }
    }
}

impl Endpoints {
    /// Collects what environment and profile say.
    pub fn resolve(environment: &Environment, profile: Option<&Profile<'_, '_>>) -> Self {
        let unreadable = FLAGS.into_iter().find_map(|variable| environment.text(variable).err());
        if let Some(error) = unreadable {
            let all = || Some(Custom::Unreadable(error.to_string()));
            return Self { oidc: all(), sso: all(), sts: all(), ..Self::default() };
        }
        let [fips, dual_stack, ignore] = FLAGS;
        let flag = |variable, key| {
            environment
                .flag(variable)
                .or_else(|| profile.and_then(|profile| profile.flag(key)))
                .unwrap_or(false)
        };
        let variant = EndpointVariant {
            fips: flag(fips, "use_fips_endpoint"),
            dual_stack: flag(dual_stack, "use_dualstack_endpoint"),
        };
        let sts_regional_endpoints = environment
            .get_os("AWS_STS_REGIONAL_ENDPOINTS")
            .map(|value| value.to_string_lossy().into_owned())
            .or_else(|| Some(profile?.get("sts_regional_endpoints")?.to_owned()));
        if flag(ignore, "ignore_configured_endpoint_urls") {
            return Self { sts_regional_endpoints, variant, ..Self::default() };
        }
        let custom = |service: Service| {
            let own = format!("AWS_ENDPOINT_URL_{}", service.id().to_ascii_uppercase());
            let named = |url: &str, place: String| Custom::Url { url: url.to_owned(), place };
            let variable = |name: &str| match environment.text(name) {
                Ok(url) => Some(named(url?, name.to_owned())),
                Err(error) => Some(Custom::Unreadable(error.to_string())),
            };
            let of_profile = || match profile?.endpoint_url(service.id()) {
                Ok(url) => url.map(|(url, place)| named(url, place.to_string())),
                Err(error) => Some(Custom::Unreadable(error.to_string())),
            };
            variable(&own).or_else(|| variable("AWS_ENDPOINT_URL")).or_else(of_profile)
        };
        Self {
            oidc: custom(Service::Oidc),
            sso: custom(Service::Sso),
            sts: custom(Service::Sts),
            sts_regional_endpoints,
            variant,
        }
    }

    /// Sends the calls of all services to one URL, for tests and emulators.
    pub fn all_at(url: &str) -> Self {
        let url = || Some(Custom::Url { url: url.to_owned(), place: "all services".to_owned() });
        Self { oidc: url(), sso: url(), sts: url(), ..Self::default() }
    }

    /// Returns where STS is called for a region, and the region of the signature. Of
    /// `AWS_STS_REGIONAL_ENDPOINTS`, else `sts_regional_endpoints`, `legacy` means the global
    /// endpoint for the regions of old.
    ///
    /// # Errors
    /// Fails as [`Endpoints::of`] does, and where that setting is neither `regional` nor `legacy`.
    pub fn sts(&self, region: &str) -> Result<sts_proto::Endpoint, EndpointError> {
        if let Some(uri) = self.custom_uri(Service::Sts, region)? {
            return Ok(sts_proto::Endpoint::custom(uri, region));
        }
        match self.sts_regional_endpoints.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("regional") => sts_proto::Endpoint::regional(region, self.variant),
            Some("legacy") => sts_proto::Endpoint::legacy(region, self.variant),
            Some(other) => Err(EndpointError::StsRegionalEndpoints(other.to_owned())),
        }
    }

    /// Returns the endpoint of a service for a region, which for SSO and OIDC is the `sso_region`.
    ///
    /// # Errors
    /// Fails where the region is not a host label, and where a custom endpoint cannot be used.
    pub fn of(&self, service: Service, region: &str) -> Result<Uri, EndpointError> {
        if let Some(uri) = self.custom_uri(service, region)? {
            return Ok(uri);
        }
        match service {
            Service::Oidc => oidc_proto::endpoint(region, self.variant),
            Service::Sso => sso_proto::endpoint(region, self.variant),
            Service::Sts => Ok(self.sts(region)?.uri),
        }
    }

    /// Returns the configured endpoint of a service, if there is one.
    pub fn custom(&self, service: Service) -> Option<&str> {
        match self.configured(service)? {
            Custom::Unreadable(_) => None,
            Custom::Url { url, .. } => Some(url),
        }
    }

    fn configured(&self, service: Service) -> Option<&Custom> {
        match service {
            Service::Oidc => self.oidc.as_ref(),
            Service::Sso => self.sso.as_ref(),
            Service::Sts => self.sts.as_ref(),
        }
    }

    fn custom_uri(&self, service: Service, region: &str) -> Result<Option<Uri>, EndpointError> {
        let (url, place) = match self.configured(service) {
            None => return Ok(None),
            Some(Custom::Unreadable(reason)) => {
                return Err(EndpointError::Unreadable(reason.clone()));
            }
            Some(Custom::Url { url, place }) => (url, place),
        };
        wire::validate_region(region)?;
        let uri = wire::custom_endpoint(url, self.variant).map_err(|error| error.at(place))?;
        Ok(Some(uri))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_config::{Files, Sections};

    const CONFIG: &str = "[profile p]\nservices = local\nendpoint_url = http://localhost:9\n\
                          [services local]\nsso =\n  endpoint_url = http://localhost:4\n\
                          [profile ignoring]\nservices = local\nuse_fips_endpoint = true\n\
                          ignore_configured_endpoint_urls = true\n";

    fn endpoint(profile: &str, variables: &[(&str, &str)], service: Service) -> String {
        let files = Files::from_texts(CONFIG, "");
        let sections = Sections::parse(&files);
        let environment = Environment::from_pairs(variables.iter().copied());
        let endpoints = Endpoints::resolve(&environment, Some(&sections.profile(profile).unwrap()));
        endpoints.of(service, "eu-west-1").unwrap().to_string()
    }

    #[test]
    fn the_global_variable_beats_the_services_section() {
        let global = ("AWS_ENDPOINT_URL", "http://localhost:1");
        let own = ("AWS_ENDPOINT_URL_SSO_OIDC", "http://localhost:2");
        assert_eq!(endpoint("p", &[], Service::Sso), "http://localhost:4/");
        assert_eq!(endpoint("p", &[], Service::Oidc), "http://localhost:9/");
        assert_eq!(endpoint("p", &[global], Service::Sso), "http://localhost:1/");
        assert_eq!(endpoint("p", &[global, own], Service::Oidc), "http://localhost:2/");
        assert_eq!(endpoint("p", &[("AWS_ENDPOINT_URL", "")], Service::Sso), "http://localhost:4/");
    }

    #[test]
    fn sts_is_regional_unless_told_otherwise() {
        let legacy = ("AWS_STS_REGIONAL_ENDPOINTS", "legacy");
        let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
        let sts = |variables: &[(&str, &str)]| {
            let environment = Environment::from_pairs(variables.iter().copied());
            Endpoints::resolve(&environment, None).sts("eu-west-1").map(|e| e.uri.to_string())
        };
        assert_eq!(sts(&[]).as_deref(), Ok("https://sts.eu-west-1.amazonaws.com/"));
        assert_eq!(sts(&[legacy, ignore]).as_deref(), Ok("https://sts.amazonaws.com/"));
        let error = sts(&[("AWS_STS_REGIONAL_ENDPOINTS", "global")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "sts_regional_endpoints is `regional` or `legacy`, not `global`"
        );
    }

    #[test]
    fn what_cannot_be_used_is_told_with_its_place() {
        let config = "[profile p]\nservices = s\nendpoint_url = http://example.com\n\
                      [services s]\nsso =\n  endpoint_url = http://example.org\n";
        let files = Files::from_texts(config, "");
        let sections = Sections::parse(&files);
        let error = |variables: &[(&str, &str)], service| {
            let environment = Environment::from_pairs(variables.iter().copied());
            let profile = sections.profile("p").unwrap();
            let endpoints = Endpoints::resolve(&environment, Some(&profile));
            endpoints.of(service, "eu-west-1").unwrap_err().to_string()
        };
        assert!(error(&[], Service::Sso).contains(":6: the endpoint `http://example.org"));
        assert!(error(&[], Service::Sts).contains(":3: the endpoint `http://example.com"));
        let variable = [("AWS_ENDPOINT_URL_STS", "ftp://x")];
        assert!(error(&variable, Service::Sts).starts_with("AWS_ENDPOINT_URL_STS: the endpoint"));
    }

    #[test]
    fn an_endpoint_that_cannot_be_read_is_not_the_one_of_aws() {
        let bytes = |text: &str| std::ffi::OsString::from(text);
        #[cfg(unix)]
        let broken = std::os::unix::ffi::OsStringExt::from_vec(b"http://localhost\xff".to_vec());
        #[cfg(windows)]
        let broken = std::os::windows::ffi::OsStringExt::from_wide(&[0xd800]);
        let broken: std::ffi::OsString = broken;
        for name in ["AWS_ENDPOINT_URL", "AWS_USE_FIPS_ENDPOINT"] {
            let environment = Environment::new([(bytes(name), broken.clone())]);
            let endpoints = Endpoints::resolve(&environment, None);
            let expected = format!("the variable {name} is not UTF-8");
            for service in [Service::Oidc, Service::Sso, Service::Sts] {
                let error = endpoints.of(service, "eu-west-1").unwrap_err();
                assert_eq!(error.to_string(), expected);
                assert_eq!(endpoints.custom(service), None);
            }
        }
        for (config, expected) in [
            ("[profile p]\nservices = gone\n", "config:2: profile `p` names the services `gone`"),
            ("[profile p]\nservices = v\n[services v]\nsso =\n  x\n", "config:5:3: expected a"),
        ] {
            let files = Files::from_texts(config, "");
            let sections = Sections::parse(&files);
            let profile = sections.profile("p").unwrap();
            let endpoints = Endpoints::resolve(&Environment::default(), Some(&profile));
            let error = endpoints.of(Service::Sso, "eu-west-1").unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn configured_urls_can_be_ignored() {
        assert_eq!(
            endpoint("ignoring", &[("AWS_ENDPOINT_URL", "http://localhost:1")], Service::Sso),
            "https://portal.sso-fips.eu-west-1.amazonaws.com/"
        );
        let off = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE");
        assert_eq!(endpoint("p", &[off], Service::Oidc), "https://oidc.eu-west-1.amazonaws.com/");
    }
}
