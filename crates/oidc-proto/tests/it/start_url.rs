//! Start URLs: portals of AWS, and vanity URLs that lead to one.

use oidc_proto::{StartUrl, StartUrlError};

const VANITY: &str = "https://sso.example.com/go";

fn follow(status: u16, location: &str) -> Result<String, StartUrlError> {
    StartUrl::follow(VANITY, status, Some(location))
}

#[test]
fn the_portals_of_every_partition_are_known() {
    for host in [
        "d-1.awsapps.com",
        "d-1.awsapps.cn",
        "x.portal.eu-west-1.app.aws",
        "x.portal.cn-north-1.app.amazonwebservices.com.cn",
        "x.portal.eusc-de-east-1.api.amazonwebservices.eu",
        "x.us-east-1.portal.amazonaws.com",
        "x.cn-north-1.portal.amazonaws.com.cn",
        "x.eusc-de-east-1.portal.amazonaws.eu",
        "identitycenter.amazonaws.com",
        "identitycenter.amazonaws.com.cn",
        "identitycenter.amazonaws.eu",
        "identitycenter.us-gov.amazonaws.com",
        "awsapps.com",
        "IDENTITYCENTER.amazonaws.com.",
    ] {
        assert_eq!(
            StartUrl::classify(&format!("https://{host}/x")),
            Ok(StartUrl::Portal),
            "{host}"
        );
    }
    for host in ["evilawsapps.com", "awsapps.com.evil", "x.identitycenter.amazonaws.com"] {
        assert_eq!(
            StartUrl::classify(&format!("https://{host}/x")),
            Ok(StartUrl::Vanity),
            "{host}"
        );
    }
}

#[test]
fn hosts_with_a_region_name_it() {
    for (host, region) in [
        ("x.portal.eu-west-1.app.aws", "eu-west-1"),
        ("X.PORTAL.EU-WEST-1.APP.AWS.", "eu-west-1"),
        ("x.portal.cn-north-1.app.amazonwebservices.com.cn", "cn-north-1"),
        ("x.portal.eusc-de-east-1.api.amazonwebservices.eu", "eusc-de-east-1"),
        ("x.us-east-1.portal.amazonaws.com", "us-east-1"),
        ("x.eusc-de-east-1.portal.amazonaws.eu", "eusc-de-east-1"),
        ("x.cn-north-1.portal.amazonaws.com.cn", "cn-north-1"),
    ] {
        assert_eq!(
            StartUrl::region(&format!("https://{host}/")).as_deref(),
            Some(region),
            "{host}"
        );
    }
    for url in ["https://x.portal..app.aws", "https://d-1.awsapps.com", "http://x", "x"] {
        assert_eq!(StartUrl::region(url), None, "{url}");
    }
}

#[test]
fn every_kind_of_redirect_is_followed_once() {
    let portal = "https://d-1.awsapps.com/start";
    for status in [301, 302, 303, 307, 308] {
        assert_eq!(follow(status, portal).as_deref(), Ok(portal));
    }
    for status in [200, 300, 304, 400, 500] {
        assert_eq!(follow(status, portal), Err(StartUrlError::NoRedirect(status)));
    }
    assert_eq!(StartUrl::follow(VANITY, 302, None), Err(StartUrlError::NoRedirect(302)));
}

#[test]
fn a_redirect_is_cleaned_and_never_leads_elsewhere() {
    for (location, target) in [
        ("//d-1.awsapps.com/start/", "https://d-1.awsapps.com/start"),
        ("HTTPS://u:p@d-1.awsapps.com:443?x=1#/y", "https://d-1.awsapps.com"),
        ("https://d-1.awsapps.com:8443/start", "https://d-1.awsapps.com:8443/start"),
    ] {
        assert_eq!(follow(302, location).as_deref(), Ok(target), "{location}");
    }
    let foreign = Err(StartUrlError::Foreign("sso.example.com".into()));
    assert_eq!(follow(302, "/start"), foreign, "the vanity host itself is no portal");
    for plain in ["http://d-1.awsapps.com/start", "d-1.awsapps.com/start", "https://:443/"] {
        assert!(matches!(follow(302, plain), Err(StartUrlError::NotHttps(_))), "{plain}");
    }
}

#[test]
fn a_start_url_has_a_host_and_https() {
    for url in
        ["http://d-1.awsapps.com/start", "https://:8443/start", "https:///start", "start", ""]
    {
        assert_eq!(StartUrl::classify(url), Err(StartUrlError::NotHttps(url.into())), "{url}");
    }
}

#[test]
fn a_password_in_a_start_url_is_not_shown() {
    let error = StartUrl::classify("http://me:opensesame@sso.example.com").unwrap_err();
    assert_eq!(error.to_string(), "`sso.example.com` is not an https URL");
}
