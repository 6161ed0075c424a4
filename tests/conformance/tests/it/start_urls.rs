//! Where start URLs lead, as the AWS CLI is tested.

use conformance::{Difference, Tally, corpus, text};
use oidc_proto::StartUrl;
use serde_json::Value;

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference { id: "head_200_returns_original_url", row: "vanity-redirect", keyfob: "refused" },
    Difference { id: "relative_location", row: "vanity-redirect", keyfob: "refused" },
    Difference { id: "stops_after_one_redirect", row: "vanity-redirect", keyfob: "refused" },
];

const VANITY: &str = "https://sso.example.com";
const PORTAL: &str = "d-1234567890.awsapps.com";

#[test]
fn hosts_of_aws_are_told_apart() {
    let Some(corpus) = corpus("awscli-v2") else { return };
    let mut tally = Tally::new("start-url isAwsOwnedDomain", DIFFERENCES);
    for case in
        corpus.json("data/start-url-resolution.json")["isAwsOwnedDomain"].as_array().unwrap()
    {
        let host = text(case, "hostname");
        let is_portal =
            StartUrl::classify(&format!("https://{host}/start")) == Ok(StartUrl::Portal);
        tally.compare(host, &case["expected"].to_string(), &is_portal.to_string());
    }
    tally.finish();
}

#[test]
fn regions_are_read_from_hosts() {
    let Some(corpus) = corpus("awscli-v2") else { return };
    let mut tally = Tally::new("start-url extractRegionFromHostname", DIFFERENCES);
    let cases = &corpus.json("data/start-url-resolution.json")["extractRegionFromHostname"];
    for case in cases.as_array().unwrap() {
        let host = text(case, "hostname");
        let region = Value::from(StartUrl::region(&format!("https://{host}")));
        tally.compare(host, &case["expected"].to_string(), &region.to_string());
    }
    tally.finish();
}

#[test]
fn what_a_vanity_url_leads_to_is_normalised() {
    let Some(corpus) = corpus("awscli-v2") else { return };
    let mut tally = Tally::new("start-url normalizeUrl", DIFFERENCES);
    for case in corpus.json("data/start-url-resolution.json")["normalizeUrl"].as_array().unwrap() {
        let url = text(case, "url");
        if !url.starts_with("https:") {
            tally.skip("a portal is reached by https only");
            continue;
        }
        // Only a portal of AWS is followed, so the host of the case stands for one.
        let at_portal = |url: &str| url.replace("example.com", PORTAL);
        let seen = followed(VANITY, 302, Some(&at_portal(url)));
        tally.compare(url, &at_portal(text(case, "expected")), &seen);
    }
    tally.finish();
}

fn followed(url: &str, status: u16, location: Option<&str>) -> String {
    StartUrl::follow(url, status, location).unwrap_or_else(|_| "refused".to_owned())
}

#[test]
fn redirects_are_followed_once_and_to_portals_only() {
    let Some(corpus) = corpus("awscli-v2") else { return };
    let mut tally = Tally::new("start-url followRedirect", DIFFERENCES);
    for case in corpus.json("data/start-url-resolution.json")["followRedirect"].as_array().unwrap()
    {
        // That a GET follows a HEAD which is not allowed is up to the caller.
        let response = case["responses"].as_array().unwrap().last().unwrap();
        let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
        let seen = followed(text(case, "url"), status, response["location"].as_str());
        let expected = case["expected"].as_str().unwrap_or("refused");
        tally.compare(text(case, "name"), expected, &seen);
    }
    tally.finish();
}

/// What a sign-in makes of a case; the region of a portal is the configured one, and only a vanity
/// URL may lead to another.
fn resolved(case: &Value) -> Option<(String, String)> {
    let url = text(case, "startUrl");
    let configured = case["configuredRegion"].as_str().map(str::to_owned);
    match StartUrl::classify(url).ok()? {
        StartUrl::Vanity => {
            let portal = StartUrl::follow(url, 302, case["redirectsTo"].as_str()).ok()?;
            let region = StartUrl::region(&portal).or(configured)?;
            Some((portal, region))
        }
        _ => Some((url.to_owned(), configured?)),
    }
}

#[test]
fn start_urls_are_resolved_as_by_the_aws_cli() {
    let Some(corpus) = corpus("awscli-v2") else { return };
    let mut tally = Tally::new("start-url resolveStartUrl", DIFFERENCES);
    for case in corpus.json("data/start-url-resolution.json")["resolveStartUrl"].as_array().unwrap()
    {
        let expected = &case["expected"];
        let expected = expected
            .is_object()
            .then(|| (text(expected, "url").to_owned(), text(expected, "region").to_owned()));
        let seen = format!("{:?}", resolved(case));
        tally.compare(text(case, "name"), &format!("{expected:?}"), &seen);
    }
    tally.finish();
}
