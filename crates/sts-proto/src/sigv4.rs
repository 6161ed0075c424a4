use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue, Request, header};
use sha2::{Digest, Sha256};
use wire::{EncodeError, Secret, Timestamp};

/// The credentials that a request is signed with.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "what AWS credentials consist of")]
pub struct SigningKeys<'a> {
    /// The access key id.
    pub access_key_id: &'a str,
    /// The secret access key.
    pub secret_access_key: &'a Secret<String>,
    /// The session token of temporary credentials.
    pub session_token: Option<&'a Secret<String>>,
}

/// Signs a request with Signature Version 4 in its headers: adds `x-amz-date`, the security token
/// and `authorization`. All headers that the request has, and its host, are signed.
///
/// The path must be in its normal form and the request without a query, as the requests of awsQuery
/// services are.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
///
/// # Errors
/// Fails where the credentials cannot be sent in a header.
pub fn sign(
    request: &mut Request<Vec<u8>>,
    keys: SigningKeys<'_>,
    service: &str,
    region: &str,
    now: Timestamp,
) -> Result<(), EncodeError> {
    let time = now.basic();
    let date = time.get(..8).unwrap_or(&time);
    let scope = format!("{date}/{region}/{service}/aws4_request");

    insert(request, "x-amz-date", "x-amz-date", &time, false)?;
    if let Some(token) = keys.session_token {
        insert(request, "x-amz-security-token", "sessionToken", token.expose(), true)?;
    }
    let (canonical, signed_headers) = canonical_request(request);
    let hash = hex::encode(Sha256::digest(canonical.as_bytes()));
    let string_to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{hash}");

    let secret = Secret::new(format!("AWS4{}", keys.secret_access_key.expose()).into_bytes());
    let key = [date, region, service, "aws4_request"]
        .into_iter()
        .fold(secret, |key, part| Secret::new(hmac(key.expose(), part)));
    let signature = hex::encode(hmac(key.expose(), &string_to_sign));

    let id = keys.access_key_id;
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={signed_headers}, \
         Signature={signature}"
    );
    insert(request, "authorization", "accessKeyId", &authorization, true)
}

/// Returns the canonical request and the names of the headers in it.
fn canonical_request(request: &Request<Vec<u8>>) -> (String, String) {
    let mut headers: Vec<(&str, String)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into()))
        .collect();
    if !request.headers().contains_key(header::HOST) {
        headers.push(("host", host(request.uri())));
    }
    headers.sort();
    let lines: String = headers
        .iter()
        .map(|(name, value)| {
            let collapsed: Vec<_> = value.split_ascii_whitespace().collect();
            format!("{name}:{}\n", collapsed.join(" "))
        })
        .collect();
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let body = hex::encode(Sha256::digest(request.body()));
    let path = request.uri().path();
    let query = request.uri().query().unwrap_or_default();
    (format!("{}\n{path}\n{query}\n{lines}\n{names}\n{body}", request.method()), names)
}

/// The host as HTTP sends it: with its port, unless that is the one of the scheme.
fn host(uri: &http::Uri) -> String {
    let host = uri.host().unwrap_or_default();
    match (uri.port_u16(), uri.scheme_str()) {
        (None, _) | (Some(443), Some("https")) | (Some(80), Some("http")) => host.to_owned(),
        (Some(port), _) => format!("{host}:{port}"),
    }
}

fn hmac(key: &[u8], data: &str) -> Vec<u8> {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(data.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn insert(
    request: &mut Request<Vec<u8>>,
    name: &'static str,
    member: &'static str,
    value: &str,
    sensitive: bool,
) -> Result<(), EncodeError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| EncodeError::Member(member))?;
    value.set_sensitive(sensitive);
    request.headers_mut().insert(HeaderName::from_static(name), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(region: &str, host: &str, body: &str, token: Option<&str>) -> (String, String) {
        let mut request = Request::post(format!("https://{host}/"))
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(body.as_bytes().to_vec())
            .unwrap();
        let secret = Secret::from("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let token = token.map(Secret::from);
        let keys = SigningKeys {
            access_key_id: "AKIDEXAMPLE",
            secret_access_key: &secret,
            session_token: token.as_ref(),
        };
        let now = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
        sign(&mut request, keys, "sts", region, now).unwrap();
        let authorization = request.headers()["authorization"].to_str().unwrap().to_owned();
        request.headers_mut().remove("authorization");
        (authorization, hex::encode(Sha256::digest(canonical_request(&request).0)))
    }

    #[test]
    fn get_caller_identity_is_signed_as_botocore_signs_it() {
        let body = "Action=GetCallerIdentity&Version=2011-06-15";
        let host = "sts.us-east-1.amazonaws.com";
        let (authorization, canonical) =
            signature("us-east-1", host, body, Some("TOKEN/with+chars=="));
        assert_eq!(canonical, "70b093b2b4e8eff9756fc8725583071652127ca4267ba0b32e5a7b30ea73bf5d");
        assert_eq!(
            authorization,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/sts/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
             Signature=f7119c1087f5892213d3ce44891d2d07bbbd39163eafe4a33652e2c6d944b580"
        );
    }

    #[test]
    fn assume_role_is_signed_as_botocore_signs_it() {
        let body = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012\
                    %3Arole%2Fpath%2FAdmin&RoleSessionName=me%40example.com&DurationSeconds=3600\
                    &ExternalId=ext%3A1%2F2&Tags.member.1.Key=k+1&Tags.member.1.Value=v%2B~%2A%C3%A9\
                    &TransitiveTagKeys.member.1=k+1&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws\
                    %3Apolicy%2FReadOnlyAccess&SerialNumber=arn%3Aaws%3Aiam%3A%3A111111111111%3Amfa\
                    %2Fme&TokenCode=123456";
        let (authorization, canonical) =
            signature("eu-west-1", "sts.eu-west-1.amazonaws.com", body, None);
        assert_eq!(canonical, "8c47673af017ed5bcff3aaf558d5473fa46dd0f060a183703e59cb396d9dade4");
        assert!(
            authorization
                .ends_with("6be01fae64afd3b44857b524f9dda617073535eb0917497321b1941ce3bb89b7")
        );
    }

    #[test]
    fn a_port_is_signed_unless_it_is_the_one_of_the_scheme() {
        let host = |uri: &str| host(&uri.parse().unwrap());
        assert_eq!(host("http://127.0.0.1:4003/"), "127.0.0.1:4003");
        assert_eq!(host("https://h:443/"), "h");
        assert_eq!(host("http://h:443/"), "h:443");
    }
}
