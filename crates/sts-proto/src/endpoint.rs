use http::Uri;
use wire::{EndpointError, EndpointVariant};

/// Where STS is called, and the region of the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// The URL.
    pub uri: Uri,
    /// The region of the signature.
    pub signing_region: String,
}

/// The one endpoint without a region.
const GLOBAL: &str = "https://sts.amazonaws.com";
const GLOBAL_REGION: &str = "us-east-1";

/// The regions whose calls `sts_regional_endpoints = legacy` sends to the global endpoint: those
/// that existed before regional ones did.
const LEGACY: [&str; 16] = [
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "aws-global",
];

impl Endpoint {
    /// Returns the regional endpoint, for the region `aws-global` the global one.
    ///
    /// # Errors
    /// Fails where the region is not a host label.
    pub fn regional(region: &str, variant: EndpointVariant) -> Result<Self, EndpointError> {
        let is_plain = variant == EndpointVariant::default();
        let signing_region = signing_region(region);
        let uri = if region == "aws-global" && is_plain {
            Uri::from_static(GLOBAL)
        } else {
            wire::regional_endpoint("sts", signing_region, variant)?
        };
        Ok(Self { uri, signing_region: signing_region.to_owned() })
    }

    /// Returns what `sts_regional_endpoints = legacy` means: the global endpoint for the regions of
    /// old, the regional one for the others and where FIPS or dual-stack is asked for.
    ///
    /// # Errors
    /// Fails where the region is not a host label.
    pub fn legacy(region: &str, variant: EndpointVariant) -> Result<Self, EndpointError> {
        if LEGACY.contains(&region) && variant == EndpointVariant::default() {
            Self::regional("aws-global", variant)
        } else {
            Self::regional(region, variant)
        }
    }

    /// Takes an endpoint that was configured.
    pub fn custom(uri: Uri, region: &str) -> Self {
        Self { uri, signing_region: signing_region(region).to_owned() }
    }
}

fn signing_region(region: &str) -> &str {
    if region == "aws-global" { GLOBAL_REGION } else { region }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_of_old_may_be_called_globally() {
        let plain = EndpointVariant::default();
        let shown = |endpoint: Endpoint| format!("{} {}", endpoint.uri, endpoint.signing_region);
        let regional = |region| shown(Endpoint::regional(region, plain).unwrap());
        let legacy = |region| shown(Endpoint::legacy(region, plain).unwrap());
        assert_eq!(regional("eu-west-1"), "https://sts.eu-west-1.amazonaws.com/ eu-west-1");
        assert_eq!(regional("aws-global"), "https://sts.amazonaws.com/ us-east-1");
        assert_eq!(legacy("eu-west-1"), "https://sts.amazonaws.com/ us-east-1");
        assert_eq!(legacy("eu-south-1"), "https://sts.eu-south-1.amazonaws.com/ eu-south-1");
        assert_eq!(legacy("cn-north-1"), "https://sts.cn-north-1.amazonaws.com.cn/ cn-north-1");
        let fips = EndpointVariant { fips: true, dual_stack: false };
        for region in ["us-east-1", "aws-global"] {
            let fips = Endpoint::legacy(region, fips).unwrap();
            assert_eq!(shown(fips), "https://sts-fips.us-east-1.amazonaws.com/ us-east-1");
        }
        let dual_stack = EndpointVariant { fips: false, dual_stack: true };
        let dual_stack = Endpoint::regional("aws-global", dual_stack).unwrap();
        assert_eq!(shown(dual_stack), "https://sts.us-east-1.api.aws/ us-east-1");
    }
}
