//! What `configure` takes: texts that can work, with what was probably meant instead of others.

use providers::is_account_id;

/// The regions of all partitions at the time of this version. AWS adds some every year: one that is
/// not here, but looks like one, is only warned about.
pub(crate) const REGIONS: [&str; 49] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-isoe-west-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "me-west-1",
    "mx-central-1",
    "sa-east-1",
    "sa-west-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
    "aws-global",
];

/// Where a region lies: AWS has named none otherwise.
const DIRECTIONS: [&str; 9] = [
    "central",
    "east",
    "north",
    "northeast",
    "northwest",
    "south",
    "southeast",
    "southwest",
    "west",
];

/// Takes a region that some partition has or may get; what is probably a typing mistake is refused.
pub(super) fn check_region(text: &str) -> Result<(), String> {
    let mut words = text.rsplit('-').skip(1);
    let is_direction = words.next().is_some_and(|word| DIRECTIONS.contains(&word));
    let has_partition = wire::partition_of(text).is_some();
    if is_known(text) || (is_direction && has_partition) {
        return Ok(());
    }
    Err(format!("`{text}` is not a region of AWS; did you mean {}?", nearest(text)))
}

/// The same for the region of Identity Center, which is never the global one.
pub(crate) fn check_sso_region(text: &str) -> Result<(), String> {
    if text.ends_with("-global") {
        return Err(format!("`{text}` has no Identity Center; it is in one region"));
    }
    check_region(text)
}

/// Whether this version knows the region.
pub(super) fn is_known(region: &str) -> bool {
    REGIONS.contains(&region)
}

/// The regions that are written most alike.
pub(super) fn nearest(text: &str) -> String {
    let text = text.to_ascii_lowercase().replace(['_', ' '], "-");
    let mut ranked: Vec<_> = REGIONS
        .iter()
        .map(|region| (strsim::damerau_levenshtein(&text, region), *region))
        .collect();
    ranked.sort_unstable();
    let best = ranked.first().map_or(0, |(distance, _)| *distance);
    let best: Vec<_> =
        ranked.iter().take_while(|(distance, _)| *distance == best).map(|(_, it)| *it).collect();
    best.get(..best.len().min(3)).unwrap_or_default().join(" or ")
}

pub(super) fn check_account_id(text: &str) -> Result<(), String> {
    if is_account_id(text) {
        Ok(())
    } else {
        Err(format!("`{text}` is no account id, which has twelve digits"))
    }
}

/// Takes a start URL, without what a browser shows behind it: `/#/` and its page.
pub(super) fn start_url(text: &str) -> Result<String, String> {
    let text = text.trim();
    let url = match text.split_once('#') {
        Some((url, _)) => url.trim_end_matches('/'),
        None => text,
    };
    let parsed: Option<http::Uri> = url.parse().ok();
    let is_portal = |url: &http::Uri| url.scheme_str() == Some("https") && url.host().is_some();
    if parsed.as_ref().is_some_and(is_portal) {
        Ok(url.to_owned())
    } else {
        Err(format!("`{text}` is not a start URL, such as https://d-1234567890.awsapps.com/start"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_that_no_partition_has_are_refused_with_the_nearest() {
        for (text, meant) in [
            ("eu-wset-1", "eu-west-1"),
            ("us-east1", "us-east-1"),
            ("eu_west_1", "eu-west-1"),
            ("EU-WEST-1", "eu-west-1"),
            ("eu-west-1a", "eu-west-1"),
            ("su-east-2", "us-east-2"),
            ("frankfurt", ""),
            ("", ""),
        ] {
            let error = check_region(text).unwrap_err();
            assert!(error.contains(meant), "{error}");
        }
        for region in REGIONS.into_iter().chain(["ap-southeast-8", "me-central-2"]) {
            assert_eq!(check_region(region), Ok(()), "{region}");
            assert!(region == "aws-global" || wire::partition_of(region).is_some(), "{region}");
        }
        assert!(check_sso_region("aws-global").is_err());
    }

    #[test]
    fn what_a_browser_shows_behind_a_start_url_goes() {
        let start = "https://d-1.awsapps.com/start";
        for shown in ["", "#", "/#/", "/#/?tab=accounts", "#/saml/default/x/y"] {
            assert_eq!(start_url(&format!(" {start}{shown} ")).as_deref(), Ok(start));
        }
        assert_eq!(start_url("https://x.app.aws/#/").as_deref(), Ok("https://x.app.aws"));
        // A file of other tools may be named after it.
        assert_eq!(start_url("https://a.b/start/").as_deref(), Ok("https://a.b/start/"));
        assert!(start_url("http://d-1.awsapps.com/start").is_err());
        assert!(start_url("d-1").is_err());
    }
}
