//! The regions of AWS, as far as this version knows them.

use crate::nearest;

/// The regions of all partitions at the time of this version. AWS adds some every year: one that is
/// not here, but looks like one, is only warned about.
pub(crate) const ALL: [&str; 49] = [
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
pub(crate) fn check(text: &str) -> Result<(), String> {
    let mut words = text.rsplit('-').skip(1);
    let is_direction = words.next().is_some_and(|word| DIRECTIONS.contains(&word));
    let has_partition = wire::partition_of(text).is_some();
    if is_known(text) || (is_direction && has_partition) {
        return Ok(());
    }
    Err(format!("`{text}` is not a region of AWS; did you mean {}?", nearest(text)))
}

/// The same for an option.
pub(crate) fn parse(text: &str) -> Result<String, String> {
    check(text).map(|()| text.to_owned())
}

/// The same for the region of Identity Center, which is never the global one.
pub(crate) fn check_sso(text: &str) -> Result<(), String> {
    if text.ends_with("-global") {
        return Err(format!("`{text}` has no Identity Center; it is in one region"));
    }
    check(text)
}

/// Whether this version knows the region.
pub(crate) fn is_known(region: &str) -> bool {
    ALL.contains(&region)
}

/// The region that is written most like one in the name of a host that there is not.
pub(crate) fn nearest_of_host(host: &str) -> Option<&'static str> {
    let is_like_one = |label: &&str| {
        label.matches('-').count() >= 2 && label.ends_with(|last: char| last.is_ascii_digit())
    };
    let label = host.split('.').find(is_like_one)?;
    if is_known(label) { None } else { nearest::of(label, ALL) }
}

/// The regions that are written most alike.
pub(crate) fn nearest(text: &str) -> String {
    let text = text.to_ascii_lowercase().replace(['_', ' '], "-");
    let mut ranked: Vec<_> =
        ALL.iter().map(|region| (strsim::damerau_levenshtein(&text, region), *region)).collect();
    ranked.sort_unstable();
    let best = ranked.first().map_or(0, |(distance, _)| *distance);
    let best: Vec<_> =
        ranked.iter().take_while(|(distance, _)| *distance == best).map(|(_, it)| *it).collect();
    best.get(..best.len().min(3)).unwrap_or_default().join(" or ")
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
            let error = check(text).unwrap_err();
            assert!(error.contains(meant), "{error}");
        }
        for region in ALL.into_iter().chain(["ap-southeast-8", "me-central-2"]) {
            assert_eq!(check(region), Ok(()), "{region}");
            assert!(region == "aws-global" || wire::partition_of(region).is_some(), "{region}");
        }
        assert!(check_sso("aws-global").is_err());
    }
}
