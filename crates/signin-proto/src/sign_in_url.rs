use http::Uri;
use wire::{EndpointError, Secret, percent_encode};

use crate::Destination;

/// Returns the endpoint of the sign-in service in a region. The region is always written: only so is
/// the redirect of [`sign_out_url`] followed.
///
/// # Errors
/// Fails where the region is not a host label.
pub fn endpoint(region: &str) -> Result<Uri, EndpointError> {
    wire::validate_region(region)?;
    let host = wire::partition(region).signin_host;
    let url = format!("https://{region}.{host}");
    url.parse().map_err(|_| EndpointError::Region(region.to_owned()))
}

/// Returns the URL that signs in whoever opens it first, for 15 minutes: it is a secret.
///
/// `issuer` is where the console leads people whose session has ended: a URL of theirs to sign in.
pub fn sign_in_url(
    endpoint: &Uri,
    issuer: &str,
    destination: &Destination,
    signin_token: &Secret<String>,
) -> Secret<String> {
    let token = Secret::new(percent_encode(signin_token.expose()));
    let before = format!(
        "{}?Action=login&Issuer={}&Destination={}&SigninToken=",
        page(endpoint, "/federation"),
        percent_encode(issuer),
        percent_encode(destination.as_str()),
    );
    let mut url = String::with_capacity(before.len() + token.expose().len());
    url.push_str(&before);
    url.push_str(token.expose());
    Secret::new(url)
}

/// Returns the URL that ends the session of a browser and then leads to another one of the sign-in
/// service, for consoles that have one session alone.
///
/// The host of `us-east-1` (in GovCloud, of `us-gov-east-1`) is the one that follows the redirect; that
/// is known from users' reports, not from documentation.
pub fn sign_out_url(endpoint: &Uri, then: &Secret<String>) -> Secret<String> {
    let then = Secret::new(percent_encode(then.expose()));
    let before = format!("{}?Action=logout&redirect_uri=", page(endpoint, "/oauth"));
    let mut url = String::with_capacity(before.len() + then.expose().len());
    url.push_str(&before);
    url.push_str(then.expose());
    Secret::new(url)
}

fn page(endpoint: &Uri, path: &str) -> String {
    format!("{}{path}", endpoint.to_string().trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_has_a_host() {
        for (region, host) in [
            ("us-east-1", "us-east-1.signin.aws.amazon.com"),
            ("eu-west-1", "eu-west-1.signin.aws.amazon.com"),
            ("cn-north-1", "cn-north-1.signin.amazonaws.cn"),
            ("us-gov-west-1", "us-gov-west-1.signin.amazonaws-us-gov.com"),
            ("eusc-de-east-1", "eusc-de-east-1.signin.amazonaws-eusc.eu"),
            ("us-iso-east-1", "us-iso-east-1.signin.c2shome.ic.gov"),
        ] {
            assert_eq!(endpoint(region).unwrap().host(), Some(host));
        }
        assert!(endpoint("evil.example.com/").is_err());
    }

    #[test]
    fn what_is_in_a_url_is_encoded() {
        let endpoint = endpoint("eu-west-1").unwrap();
        let destination = Destination::path("s3/buckets/a?tab=b&c=d#e", "eu-west-1").unwrap();
        let token = Secret::from("t+/=&");
        let url = sign_in_url(&endpoint, "https://d-1.awsapps.com/start", &destination, &token);
        assert_eq!(
            url.expose(),
            "https://eu-west-1.signin.aws.amazon.com/federation?Action=login\
             &Issuer=https%3A%2F%2Fd-1.awsapps.com%2Fstart\
             &Destination=https%3A%2F%2Feu-west-1.console.aws.amazon.com%2Fs3%2Fbuckets%2Fa%3F\
             tab%3Db%26c%3Dd%23e&SigninToken=t%2B%2F%3D%26"
        );
        assert!(!format!("{url:?}").contains("SigninToken"));
        let out = sign_out_url(&endpoint, &url);
        assert!(
            out.expose().contains("/oauth?Action=logout&redirect_uri=https%3A%2F%2Feu-west-1.")
        );
        assert!(!out.expose().contains("SigninToken="));
    }
}
