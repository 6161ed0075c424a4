mod canonical;

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue, Request};
use sha2::{Digest, Sha256};
use wire::{EncodeError, Secret, SessionCredentials, Timestamp, percent_encode};

use self::canonical::SignedHeaders;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TOKEN_HEADER: &str = "x-amz-security-token";

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

impl<'a> From<&'a SessionCredentials> for SigningKeys<'a> {
    fn from(credentials: &'a SessionCredentials) -> Self {
        Self {
            access_key_id: &credentials.access_key_id,
            secret_access_key: &credentials.secret_access_key,
            session_token: Some(&credentials.session_token),
        }
    }
}

/// Signs a request with Signature Version 4 in its headers, as [`Signer::sign`] does.
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
    Signer::new(keys, service, region, now).sign(request)
}

/// Signs requests with Signature Version 4; the fields that [`Signer::new`] leaves at `false` are
/// for services with rules of their own.
///
/// Everything that a request says is signed: its method, path, query, host and body, and all headers
/// but those that HTTP clients and proxies set on the way, such as `user-agent`.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Signer<'a> {
    /// The credentials.
    pub keys: SigningKeys<'a>,
    /// The signing name of the service, such as `sts`.
    pub service: &'a str,
    /// The region of the endpoint.
    pub region: &'a str,
    /// The time of the signature; services accept 15 minutes of difference.
    pub now: Timestamp,
    /// Whether the path is signed as it is, encoded once, which is the rule of S3: an object may be
    /// named `a//b` or `..`. All other services drop `.`, `..` and empty segments from the path and
    /// encode what is left over the encoding that it has.
    pub literal_path: bool,
    /// Whether [`Signer::sign`] adds `x-amz-content-sha256`, the hash of the body, which S3 asks for.
    pub sends_body_hash: bool,
    /// Whether the session token is sent without being signed, which AWS IoT asks for.
    pub unsigned_session_token: bool,
}

impl<'a> Signer<'a> {
    /// Makes a signer that follows the rules of most services.
    pub const fn new(
        keys: SigningKeys<'a>,
        service: &'a str,
        region: &'a str,
        now: Timestamp,
    ) -> Self {
        Self {
            keys,
            service,
            region,
            now,
            literal_path: false,
            sends_body_hash: false,
            unsigned_session_token: false,
        }
    }

    /// Signs a request in its headers: adds `x-amz-date`, the security token and `authorization`,
    /// in the place of those that it has.
    ///
    /// # Errors
    /// Fails where the credentials cannot be sent in a header.
    pub fn sign(&self, request: &mut Request<Vec<u8>>) -> Result<(), EncodeError> {
        request.headers_mut().remove(TOKEN_HEADER);
        insert(request, "x-amz-date", "x-amz-date", &self.now.basic(), false)?;
        if self.sends_body_hash {
            let hash = body_hash(request);
            insert(request, "x-amz-content-sha256", "x-amz-content-sha256", &hash, false)?;
        }
        let token = self.keys.session_token.map(Secret::expose);
        if let Some(token) = token.filter(|_| !self.unsigned_session_token) {
            insert(request, TOKEN_HEADER, "sessionToken", token, true)?;
        }
        let headers = SignedHeaders::of(request);
        let query = canonical::query(canonical::parameters(request.uri()));
        let signature = self.signature(&self.canonical_request(request, &query, &headers));
        if let Some(token) = token.filter(|_| self.unsigned_session_token) {
            insert(request, TOKEN_HEADER, "sessionToken", token, true)?;
        }
        let SigningKeys { access_key_id, .. } = self.keys;
        let authorization = format!(
            "{ALGORITHM} Credential={access_key_id}/{}, SignedHeaders={}, Signature={signature}",
            self.scope(),
            headers.names
        );
        insert(request, "authorization", "accessKeyId", &authorization, true)
    }

    /// Returns a presigned URL: the URL of a request with a signature in its query, which others may
    /// use until it expires. They must send the method, the body and the headers that the request
    /// has. What it allows is theirs then, so it is a secret.
    ///
    /// A presigned GetCallerIdentity proves to others who one is: a token for a cluster of EKS is
    /// `k8s-aws-v1.` and the base64url of such a URL, with the cluster as header `x-k8s-aws-id` and
    /// 60 seconds.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sts_proto::{Signer, SigningKeys};
    /// # use wire::{Secret, Timestamp};
    /// let request = http::Request::get(
    ///     "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
    /// )
    /// .header("x-k8s-aws-id", "my-cluster")
    /// .body(Vec::new())?;
    /// let keys = SigningKeys {
    ///     access_key_id: "AKIDEXAMPLE",
    ///     secret_access_key: &Secret::from("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    ///     session_token: None,
    /// };
    /// let now = Timestamp::parse("2026-01-02T03:04:05Z")?;
    /// let url =
    ///     Signer::new(keys, "sts", "us-east-1", now).presign(&request, Duration::from_secs(60))?;
    /// assert!(url.expose().contains("&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html>
    ///
    /// # Errors
    /// Fails where the request names no host.
    pub fn presign(
        &self,
        request: &Request<Vec<u8>>,
        expires: Duration,
    ) -> Result<Secret<String>, EncodeError> {
        let uri = request.uri();
        let authority = uri.authority().ok_or(EncodeError::Member("host"))?;
        let headers = SignedHeaders::of(request);
        let mut parameters = canonical::parameters(uri);
        let mut add = |name: &str, value: &str| {
            parameters.push((name.to_owned(), percent_encode(value)));
        };
        add("X-Amz-Algorithm", ALGORITHM);
        add("X-Amz-Credential", &format!("{}/{}", self.keys.access_key_id, self.scope()));
        add("X-Amz-Date", &self.now.basic());
        add("X-Amz-Expires", &expires.as_secs().to_string());
        add("X-Amz-SignedHeaders", &headers.names);
        let token = self.keys.session_token.map(Secret::expose);
        if let Some(token) = token.filter(|_| !self.unsigned_session_token) {
            add("X-Amz-Security-Token", token);
        }
        let query = canonical::query(parameters);
        let signature = self.signature(&self.canonical_request(request, &query, &headers));
        let mut url = format!(
            "{}://{authority}{}?{}&X-Amz-Signature={signature}",
            uri.scheme_str().unwrap_or("https"),
            uri.path(),
            query.expose()
        );
        if let Some(token) = token.filter(|_| self.unsigned_session_token) {
            url += &format!("&X-Amz-Security-Token={}", percent_encode(token));
        }
        Ok(Secret::new(url))
    }

    fn canonical_request(
        &self,
        request: &Request<Vec<u8>>,
        query: &Secret<String>,
        headers: &SignedHeaders,
    ) -> Secret<Vec<u8>> {
        let canonical_path =
            if self.literal_path { canonical::literal_path } else { canonical::path };
        let path = canonical_path(request.uri().path());
        let body_hash = body_hash(request);
        let lines = [
            request.method().as_str().as_bytes(),
            path.as_bytes(),
            query.expose().as_bytes(),
            headers.lines.expose(), // ends with a line break of its own
            headers.names.as_bytes(),
            body_hash.as_bytes(),
        ];
        Secret::new(lines.join(&b'\n'))
    }

    /// The date, region and service that a signature is good for.
    fn scope(&self) -> String {
        let Self { service, region, .. } = self;
        format!("{}/{region}/{service}/aws4_request", self.date())
    }

    fn date(&self) -> String {
        self.now.basic().chars().take_while(|c| *c != 'T').collect()
    }

    fn signature(&self, canonical_request: &Secret<Vec<u8>>) -> String {
        let hash = hex::encode(Sha256::digest(canonical_request.expose()));
        let string_to_sign = format!("{ALGORITHM}\n{}\n{}\n{hash}", self.now.basic(), self.scope());
        let secret = format!("AWS4{}", self.keys.secret_access_key.expose());
        let key = [&self.date(), self.region, self.service, "aws4_request"]
            .into_iter()
            .fold(Secret::new(secret.into_bytes()), |key, part| {
                Secret::new(hmac(key.expose(), part))
            });
        hex::encode(hmac(key.expose(), &string_to_sign))
    }
}

fn body_hash(request: &Request<Vec<u8>>) -> String {
    hex::encode(Sha256::digest(request.body()))
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

    fn signer<'a>(secret: &'a Secret<String>, token: Option<&'a Secret<String>>) -> Signer<'a> {
        let access_key_id = "AKIDEXAMPLE";
        let keys = SigningKeys { access_key_id, secret_access_key: secret, session_token: token };
        let now = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
        Signer::new(keys, "sts", "us-east-1", now)
    }

    fn secret() -> Secret<String> {
        Secret::from("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    }

    fn signature(
        region: &'static str,
        host: &str,
        body: &str,
        token: Option<&str>,
    ) -> (String, String) {
        let mut request = Request::post(format!("https://{host}/"))
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(body.as_bytes().to_vec())
            .unwrap();
        let (secret, token) = (secret(), token.map(Secret::from));
        let signer = Signer { region, ..signer(&secret, token.as_ref()) };
        signer.sign(&mut request).unwrap();
        let authorization = request.headers()["authorization"].to_str().unwrap().to_owned();
        let headers = SignedHeaders::of(&request);
        let canonical = signer.canonical_request(&request, &Secret::from(""), &headers);
        (authorization, hex::encode(Sha256::digest(canonical.expose())))
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
    fn a_token_for_eks_is_presigned_as_botocore_presigns_it() {
        let target = "https://sts.us-east-1.amazonaws.com/?Version=2011-06-15\
                      &Action=GetCallerIdentity";
        let request =
            Request::get(target).header("x-k8s-aws-id", "my-cluster").body(Vec::new()).unwrap();
        let (secret, token) = (secret(), Secret::from("TOKEN/with+chars=="));
        let signer = signer(&secret, Some(&token));
        assert_eq!(
            signer.presign(&request, Duration::from_secs(60)).unwrap().expose(),
            "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15\
             &X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fus-east-1%2Fsts%2Faws4_request\
             &X-Amz-Date=20260102T030405Z&X-Amz-Expires=60\
             &X-Amz-Security-Token=TOKEN%2Fwith%2Bchars%3D%3D\
             &X-Amz-SignedHeaders=host%3Bx-k8s-aws-id\
             &X-Amz-Signature=a9b07b8a0af2bce07345abf5cee92b92da346eb99df77cd92a0c8ed9c6a1ca62"
        );
    }

    #[test]
    fn an_unsigned_session_token_is_sent_and_changes_no_signature() {
        let (secret, token) = (secret(), Secret::from("TOKEN/with+chars=="));
        let signed = |token| {
            let mut request = Request::get("https://h/").body(Vec::new()).unwrap();
            let signer = Signer { unsigned_session_token: true, ..signer(&secret, token) };
            let url = signer.presign(&request, Duration::from_secs(60)).unwrap();
            signer.sign(&mut request).unwrap();
            (request, url.expose().clone())
        };
        let (without, url_without) = signed(None);
        let (with, url) = signed(Some(&token));
        assert_eq!(with.headers()["authorization"], without.headers()["authorization"]);
        assert_eq!(with.headers()["x-amz-security-token"], "TOKEN/with+chars==");
        assert_eq!(url, url_without + "&X-Amz-Security-Token=TOKEN%2Fwith%2Bchars%3D%3D");
    }

    #[test]
    fn signing_again_replaces_what_an_earlier_signature_left() {
        let (secret, token) = (secret(), Secret::from("TOKEN"));
        let mut request = Request::get("https://h/").body(Vec::new()).unwrap();
        signer(&secret, None).sign(&mut request).unwrap();
        let first = request.headers().clone();
        signer(&secret, Some(&token)).sign(&mut request).unwrap();
        assert_ne!(*request.headers(), first);
        signer(&secret, None).sign(&mut request).unwrap();
        assert_eq!(*request.headers(), first);
    }
}
