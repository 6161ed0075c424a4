//! The requests, signed and unsigned.

use std::time::Duration;

use http::{Method, Request, Uri};
use sts_proto::{
    AssumeRole, AssumeRoleWithWebIdentity, Endpoint, GetCallerIdentity, Signer, SigningKeys,
};
use wire::{EncodeError, Operation, Retry, Secret, SessionCredentials, Timestamp};

fn credentials() -> SessionCredentials {
    SessionCredentials {
        access_key_id: "ASIA1".into(),
        secret_access_key: "opensesame".into(),
        session_token: "tokentoken".into(),
        expiration: now(),
    }
}

fn now() -> Timestamp {
    Timestamp::from_unix(1_767_323_045)
}

fn encode(operation: &impl Operation) -> Request<Vec<u8>> {
    let request = operation.encode(&Uri::from_static("https://sts.eu-west-1.amazonaws.com/base"));
    let request = request.unwrap();
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri(), "https://sts.eu-west-1.amazonaws.com/base/");
    let content_type = &request.headers()["content-type"];
    assert_eq!(content_type, "application/x-www-form-urlencoded; charset=utf-8");
    request
}

fn body(request: &Request<Vec<u8>>) -> &str {
    std::str::from_utf8(request.body()).unwrap()
}

#[test]
fn temporary_credentials_sign_with_their_token() {
    let credentials = credentials();
    let keys = SigningKeys::from(&credentials);
    let request = encode(&GetCallerIdentity { keys, region: "eu-west-1", now: now() });
    assert_eq!(body(&request), "Action=GetCallerIdentity&Version=2011-06-15");
    let header = |name: &str| request.headers()[name].to_str().unwrap();
    assert_eq!(header("x-amz-security-token"), "tokentoken");
    assert_eq!(header("x-amz-date"), "20260102T030405Z");
    assert!(header("authorization").starts_with(
        "AWS4-HMAC-SHA256 Credential=ASIA1/20260102/eu-west-1/sts/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature="
    ));
    for name in ["authorization", "x-amz-security-token"] {
        assert!(request.headers()[name].is_sensitive(), "{name}");
    }
    assert!(!format!("{request:?} {keys:?}").contains("tokentoken"));
}

#[test]
fn a_role_is_asked_for_with_what_was_set_and_nothing_else() {
    let credentials = credentials();
    let keys = SigningKeys::from(&credentials);
    let code = Secret::from("123456");
    let plain = AssumeRole::new(keys, "eu-west-1", now(), "arn:r", "me");
    let begin = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName=me";
    assert_eq!(body(&encode(&plain)), begin);
    let mut with_code = plain;
    with_code.token_code = Some(&code);
    with_code.duration_seconds = Some(900);
    assert_eq!(body(&encode(&with_code)), format!("{begin}&DurationSeconds=900&TokenCode=123456"));
    assert_eq!([plain.retry(), with_code.retry()], [Retry::Transient, Retry::Unconnected]);
    assert_eq!(plain.secrets(), [&credentials.session_token]);
    assert_eq!(with_code.secrets(), [&credentials.session_token, &code]);
    assert!(encode(&plain).headers().contains_key("authorization"));
}

#[test]
fn a_web_identity_asks_unsigned() {
    let token = Secret::from("eyJ.x+y");
    let mut role = AssumeRoleWithWebIdentity::new("arn:r", "me", &token);
    role.provider_id = Some("p");
    role.policy_arns = &["arn:p"];
    let request = encode(&role);
    assert_eq!(
        body(&request),
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName=me\
         &WebIdentityToken=eyJ.x%2By&PolicyArns.member.1.arn=arn%3Ap&ProviderId=p"
    );
    assert!(!request.headers().contains_key("authorization"));
    assert_eq!((role.retry(), role.secrets()), (Retry::Transient, vec![&token]));
}

#[test]
fn an_identity_may_be_asked_for_again_and_hides_its_token() {
    let credentials = credentials();
    let keys = SigningKeys::from(&credentials);
    let operation = GetCallerIdentity { keys, region: "eu-west-1", now: now() };
    assert_eq!(operation.retry(), Retry::Transient);
    assert_eq!(operation.secrets(), [&credentials.session_token]);
    let long_term = SigningKeys { session_token: None, ..keys };
    assert!(GetCallerIdentity { keys: long_term, ..operation }.secrets().is_empty());
}

#[test]
fn credentials_that_are_no_header_are_refused_by_name() {
    let credentials = credentials();
    let (broken, endpoint) = (Secret::from("a\nb"), Uri::from_static("https://h"));
    let refused = |keys| {
        let operation = GetCallerIdentity { keys, region: "r", now: now() };
        operation.encode(&endpoint).unwrap_err().to_string()
    };
    let keys = SigningKeys::from(&credentials);
    let with_token = SigningKeys { session_token: Some(&broken), ..keys };
    assert_eq!(refused(with_token), "sessionToken cannot be sent as it is");
    let with_id = SigningKeys { access_key_id: "a\nb", ..keys };
    assert_eq!(refused(with_id), "accessKeyId cannot be sent as it is");
}

#[test]
fn the_hash_of_the_body_is_sent_where_it_is_asked_for() {
    let credentials = credentials();
    let mut request = Request::put("https://b.s3.amazonaws.com/a//b").body(b"hi".to_vec()).unwrap();
    let mut signer = Signer::new(SigningKeys::from(&credentials), "s3", "us-east-1", now());
    signer.sign(&mut request).unwrap();
    assert!(!request.headers().contains_key("x-amz-content-sha256"));
    let normalised = request.headers()["authorization"].clone();
    signer.literal_path = true;
    signer.sign(&mut request).unwrap();
    assert_ne!(request.headers()["authorization"], normalised);
    signer.sends_body_hash = true;
    signer.sign(&mut request).unwrap();
    assert_eq!(
        request.headers()["x-amz-content-sha256"],
        "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"
    );
}

#[test]
fn a_url_is_presigned_for_hosts_only() {
    let credentials = credentials();
    let signer = Signer::new(SigningKeys::from(&credentials), "sts", "us-east-1", now());
    let nowhere = Request::get("/").body(Vec::new()).unwrap();
    let error = signer.presign(&nowhere, Duration::from_secs(60)).unwrap_err();
    assert!(matches!(error, EncodeError::Member("host")));
}

#[test]
fn a_configured_endpoint_keeps_its_url_and_signs_for_a_real_region() {
    let uri = Uri::from_static("http://127.0.0.1:4566/base");
    let endpoint = Endpoint::custom(uri.clone(), "aws-global");
    assert_eq!((endpoint.uri, endpoint.signing_region.as_str()), (uri.clone(), "us-east-1"));
    assert_eq!(Endpoint::custom(uri, "eu-west-1").signing_region, "eu-west-1");
}
