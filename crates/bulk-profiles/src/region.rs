/// Shortens a region as aws-sso-util does: `usea1`, `euce1`, `govwe1` for `us-east-1`,
/// `eu-central-1`, `us-gov-west-1`. What is no such name stays as it is.
pub fn short_region(region: &str) -> String {
    let mut parts = region.rsplitn(3, '-');
    let (Some(number), Some(direction), Some(area)) = (parts.next(), parts.next(), parts.next())
    else {
        return region.to_owned();
    };
    let area = if area == "us-gov" { "gov" } else { area };
    let direction = match direction {
        "north" => "no",
        "northeast" => "ne",
        "east" => "ea",
        "southeast" => "se",
        "south" => "so",
        "southwest" => "sw",
        "west" => "we",
        "northwest" => "nw",
        "central" => "ce",
        other => other,
    };
    format!("{area}{direction}{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_short_as_in_aws_sso_util() {
        for (region, short) in [
            ("us-east-1", "usea1"),
            ("eu-central-1", "euce1"),
            ("ap-southeast-2", "apse2"),
            ("us-gov-west-1", "govwe1"),
            ("somewhere", "somewhere"),
        ] {
            assert_eq!(short_region(region), short);
        }
    }
}
