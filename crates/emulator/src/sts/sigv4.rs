//! Verifies Signature Version 4, independently of the code that signs.

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Request;
use sha2::{Digest as _, Sha256};
use wire::Timestamp;

use crate::form::{Form, encode};

/// The parts of an `Authorization` header.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Authorization<'a> {
    pub(super) access_key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    signature: &'a str,
    signed_headers: Vec<&'a str>,
}

/// Why a signature is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SignatureError {
    #[error("Credential should be scoped to correct service: '{expected}'.")]
    Scope { expected: &'static str },
    #[error("Credential should be scoped to a valid region.")]
    Region,
    #[error(
        "Signature expired: {} is now earlier than {} ({} - 15 min.)",
        .signed_at.basic(), .limit.basic(), .now.basic(),
    )]
    Expired { limit: Timestamp, now: Timestamp, signed_at: Timestamp },
    #[error(
        "Signature not yet current: {} is still later than {} ({} + 15 min.)",
        .signed_at.basic(), .limit.basic(), .now.basic(),
    )]
    NotYetCurrent { limit: Timestamp, now: Timestamp, signed_at: Timestamp },
    #[error("X-Amz-Date is missing or malformed, or is not the date of the credential scope")]
    Date,
    #[error("'{0}' must be a 'SignedHeader' in the AWS Authorization.")]
    Unsigned(&'static str),
    #[error("The request signature we calculated does not match the signature you provided.")]
    Mismatch,
}

/// How far the clocks of signer and service may be apart.
const SKEW_SECONDS: i64 = 15 * 60;

impl<'a> Authorization<'a> {
    pub(super) fn parse(header: &'a str) -> Option<Self> {
        let parameters = header.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let parameter = |name: &str| {
            let mut parameters = parameters.split(',').map(str::trim);
            parameters.find_map(|parameter| parameter.strip_prefix(name)?.strip_prefix('='))
        };
        let mut credential = parameter("Credential")?.split('/');
        let authorization = Self {
            access_key_id: credential.next()?,
            date: credential.next()?,
            region: credential.next().filter(|region| !region.is_empty())?,
            service: credential.next()?,
            signature: parameter("Signature")?,
            signed_headers: parameter("SignedHeaders")?.split(';').collect(),
        };
        (credential.next() == Some("aws4_request") && credential.next().is_none())
            .then_some(authorization)
    }

    /// Verifies that the request is signed now, for the service, with the secret key.
    pub(super) fn verify(
        &self,
        now: Timestamp,
        request: &Request<Vec<u8>>,
        service: &'static str,
        secret_access_key: &str,
    ) -> Result<(), SignatureError> {
        if self.service != service {
            return Err(SignatureError::Scope { expected: service });
        }
        let headers = request.headers();
        let date = headers.get("x-amz-date").and_then(|date| date.to_str().ok());
        let (date, signed_at) =
            date.and_then(|date| Some((date, parse_basic(date)?))).ok_or(SignatureError::Date)?;
        if date.split('T').next() != Some(self.date) {
            return Err(SignatureError::Date);
        }
        let limit = Timestamp::from_unix(now.unix().saturating_sub(SKEW_SECONDS));
        if signed_at < limit {
            return Err(SignatureError::Expired { limit, now, signed_at });
        }
        let limit = Timestamp::from_unix(now.unix().saturating_add(SKEW_SECONDS));
        if signed_at > limit {
            return Err(SignatureError::NotYetCurrent { limit, now, signed_at });
        }
        for name in ["host", "x-amz-date", "x-amz-security-token"] {
            let sent = name == "host" || headers.contains_key(name);
            if sent && !self.signed_headers.contains(&name) {
                return Err(SignatureError::Unsigned(name));
            }
        }
        let host = canonical_header(request, "host").unwrap_or_default();
        if region_of(&host).is_some_and(|region| region != self.region) {
            return Err(SignatureError::Region);
        }
        let canonical_request = self.canonical_request(request).ok_or(SignatureError::Mismatch)?;
        let scope = format!("{}/{}/{service}/aws4_request", self.date, self.region);
        let hash = hex::encode(Sha256::digest(canonical_request));
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{hash}");
        let key = [self.date, self.region, service, "aws4_request"]
            .into_iter()
            .fold(format!("AWS4{secret_access_key}").into_bytes(), |key, part| {
                mac(&key, part).finalize().into_bytes().to_vec()
            });
        let signature = hex::decode(self.signature).map_err(|_| SignatureError::Mismatch)?;
        mac(&key, &text).verify_slice(&signature).map_err(|_| SignatureError::Mismatch)
    }

    /// Builds the canonical request, `None` where a signed header is missing or not in its place.
    fn canonical_request(&self, request: &Request<Vec<u8>>) -> Option<String> {
        let upper = |name: &&str| name.contains(|c: char| c.is_ascii_uppercase());
        if !self.signed_headers.is_sorted() || self.signed_headers.iter().any(upper) {
            return None;
        }
        let uri = request.uri();
        let query = Form::from_query(uri);
        let mut query: Vec<_> =
            query.iter().map(|(name, value)| (encode(name), encode(value))).collect();
        query.sort_unstable();
        let mut headers = String::new();
        for name in &self.signed_headers {
            headers += &format!("{name}:{}\n", canonical_header(request, name)?);
        }
        let method = request.method();
        let path = uri.path();
        let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let query = query.join("&");
        let names = self.signed_headers.join(";");
        let payload = hex::encode(Sha256::digest(request.body()));
        Some(format!("{method}\n{path}\n{query}\n{headers}\n{names}\n{payload}"))
    }
}

/// The values of a header, joined and with single blanks. The host may stand in the URI instead.
fn canonical_header(request: &Request<Vec<u8>>, name: &str) -> Option<String> {
    let mut values = Vec::new();
    for value in request.headers().get_all(name) {
        values.push(value.to_str().ok()?.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    if values.is_empty() {
        let authority = request.uri().authority().filter(|_| name == "host")?;
        values.push(authority.as_str().to_owned());
    }
    Some(values.join(","))
}

/// The region that a host of AWS stands for, `None` for hosts of others.
fn region_of(host: &str) -> Option<&str> {
    let (name, _) = host.split_once(':').unwrap_or((host, ""));
    let (_, rest) = name.split_once('.')?;
    let domains = [
        "amazonaws.com",
        "amazonaws.com.cn",
        "amazonaws.eu",
        "api.amazonwebservices.com.cn",
        "api.amazonwebservices.eu",
        "api.aws",
    ];
    if rest == "amazonaws.com" {
        return Some("us-east-1");
    }
    domains.iter().find_map(|domain| rest.strip_suffix(domain)?.strip_suffix('.'))
}

fn parse_basic(date: &str) -> Option<Timestamp> {
    let timestamp = match date.as_bytes() {
        [y @ .., m1, m2, d1, d2, b'T', h1, h2, n1, n2, s1, s2, b'Z'] if y.len() == 4 => {
            let year = str::from_utf8(y).ok()?;
            let [m1, m2, d1, d2, h1, h2, n1, n2, s1, s2] =
                [m1, m2, d1, d2, h1, h2, n1, n2, s1, s2].map(|digit| char::from(*digit));
            format!("{year}-{m1}{m2}-{d1}{d2}T{h1}{h2}:{n1}{n2}:{s1}{s2}Z")
        }
        _ => return None,
    };
    Timestamp::parse(&timestamp).ok()
}

fn mac(key: &[u8], text: &str) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key of HMAC has any length").chain_update(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    const HEADER: &str = "AWS4-HMAC-SHA256 \
        Credential=AKIDEXAMPLE/20260102/us-east-1/sts/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
        Signature=f7119c1087f5892213d3ce44891d2d07bbbd39163eafe4a33652e2c6d944b580";

    /// A request whose signature another implementation has computed.
    fn request() -> Request<Vec<u8>> {
        Request::post("https://sts.us-east-1.amazonaws.com/")
            .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
            .header("X-Amz-Date", "20260102T030405Z")
            .header("X-Amz-Security-Token", "TOKEN/with+chars==")
            .body(b"Action=GetCallerIdentity&Version=2011-06-15".to_vec())
            .unwrap()
    }

    fn verify(header: &str, request: &Request<Vec<u8>>, now: &str) -> Result<(), SignatureError> {
        let now = Timestamp::parse(now).unwrap();
        Authorization::parse(header).unwrap().verify(now, request, "sts", SECRET)
    }

    #[test]
    fn a_known_signature_is_accepted() {
        let canonical =
            Authorization::parse(HEADER).unwrap().canonical_request(&request()).unwrap();
        let hash = hex::encode(Sha256::digest(canonical));
        assert_eq!(hash, "70b093b2b4e8eff9756fc8725583071652127ca4267ba0b32e5a7b30ea73bf5d");
        assert_eq!(verify(HEADER, &request(), "2026-01-02T03:04:05Z"), Ok(()));
        assert_eq!(verify(HEADER, &request(), "2026-01-02T03:19:05Z"), Ok(()));
    }

    #[test]
    fn any_change_breaks_the_signature() {
        let now = "2026-01-02T03:04:05Z";
        let mut changed = request();
        changed.body_mut().push(b'&');
        assert_eq!(verify(HEADER, &changed, now), Err(SignatureError::Mismatch));
        let mut changed = request();
        *changed.uri_mut() = "https://sts.example.com/".parse().unwrap();
        assert_eq!(verify(HEADER, &changed, now), Err(SignatureError::Mismatch));
        for (from, to) in [
            ("us-east-1", "us-east-2"),
            ("=f7", "=f8"),
            ("=f7", "=xx"),
            (";host", ""),
            ("host;x", "Host;x"),
        ] {
            assert!(verify(&HEADER.replace(from, to), &request(), now).is_err(), "{from}");
        }
    }

    #[test]
    fn time_and_scope_are_checked_first() {
        let late = verify(HEADER, &request(), "2026-01-02T03:19:06Z");
        assert_eq!(
            late.unwrap_err().to_string(),
            "Signature expired: 20260102T030405Z is now earlier than 20260102T030406Z \
             (20260102T031906Z - 15 min.)"
        );
        let early = verify(HEADER, &request(), "2026-01-02T02:49:04Z");
        assert_eq!(
            early.unwrap_err().to_string(),
            "Signature not yet current: 20260102T030405Z is still later than 20260102T030404Z \
             (20260102T024904Z + 15 min.)"
        );
        let now = "2026-01-02T03:04:05Z";
        let other = HEADER.replace("/sts/", "/s3/");
        assert_eq!(verify(&other, &request(), now), Err(SignatureError::Scope { expected: "sts" }));
        let other = HEADER.replace("20260102/", "20260103/");
        assert_eq!(verify(&other, &request(), now), Err(SignatureError::Date));
        let other = HEADER.replace(";x-amz-security-token", "");
        let unsigned = SignatureError::Unsigned("x-amz-security-token");
        assert_eq!(verify(&other, &request(), now), Err(unsigned));
    }

    #[test]
    fn a_host_of_aws_has_its_region() {
        for (host, region) in [
            ("sts.amazonaws.com", Some("us-east-1")),
            ("sts.eu-west-1.amazonaws.com:443", Some("eu-west-1")),
            ("sts-fips.us-east-2.api.aws", Some("us-east-2")),
            ("sts.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("sts.example.com", None),
            ("127.0.0.1:4000", None),
        ] {
            assert_eq!(region_of(host), region, "{host}");
        }
        let mut elsewhere = request();
        *elsewhere.uri_mut() = "https://sts.eu-west-1.amazonaws.com/".parse().unwrap();
        let refused = verify(HEADER, &elsewhere, "2026-01-02T03:04:05Z");
        assert_eq!(refused, Err(SignatureError::Region));
    }

    #[test]
    fn malformed_headers_are_no_authorization() {
        for header in ["", "Basic x", "AWS4-HMAC-SHA256 Credential=a/b/c/d, Signature=x"] {
            assert_eq!(Authorization::parse(header), None, "{header}");
        }
        for date in ["", "20260102", "2026-01-02T03:04:05Z", "20261302T030405Z", "2026010203040506"]
        {
            assert_eq!(parse_basic(date), None, "{date}");
        }
    }
}
