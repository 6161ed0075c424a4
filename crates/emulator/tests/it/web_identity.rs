use emulator::{Idp, Scenario};
use http::HeaderValue;
use wire::Timestamp;

use crate::signature::{Keys, element, unsigned};

const ROLE: &str = "arn:aws:iam::222233334444:role/Deploy";

fn now() -> Timestamp {
    Timestamp::parse("2026-01-02T03:04:05Z").unwrap()
}

fn body(token: &str, more: &str) -> String {
    format!(
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn={ROLE}&\
         RoleSessionName=job&WebIdentityToken={token}&{more}"
    )
}

fn answer(idp: &mut Idp, body: &str) -> (u16, String) {
    let response = idp.handle(now(), &unsigned(body)).response;
    (response.status().as_u16(), String::from_utf8(response.into_body()).unwrap())
}

#[track_caller]
fn refused(idp: &mut Idp, body: &str, status: u16, code: &str) {
    let (got, xml) = answer(idp, body);
    assert_eq!((got, element(&xml, "Code")), (status, code), "{xml}");
}

#[test]
fn a_token_becomes_credentials_that_sign() {
    let mut idp = Idp::new(Scenario::default());
    let (status, xml) = answer(&mut idp, &body("token", "DurationSeconds=43200"));
    assert_eq!(status, 200, "{xml}");
    let arn = "arn:aws:sts::222233334444:assumed-role/Deploy/job";
    assert_eq!(element(&xml, "Arn"), arn);
    assert_eq!(element(&xml, "Audience"), "sts.amazonaws.com");
    let request = Keys::of_xml(&xml).sign(now(), "Action=GetCallerIdentity&Version=2011-06-15");
    let response = idp.handle(now(), &request).response;
    assert_eq!(element(&String::from_utf8_lossy(response.body()), "Arn"), arn);
    let shown = format!("{:?}", idp.calls());
    assert!(shown.contains(ROLE) && !shown.contains("token"), "{shown}");
}

#[test]
fn each_bad_token_has_its_code() {
    let mut idp = Idp::new(Scenario::default());
    for (token, status, code) in [
        ("expired", 400, "ExpiredTokenException"),
        ("rejected", 403, "IDPRejectedClaim"),
        ("invalid", 400, "InvalidIdentityToken"),
        ("token%0A", 400, "InvalidIdentityToken"),
        ("", 400, "ValidationError"),
    ] {
        refused(&mut idp, &body(token, ""), status, code);
    }
    refused(&mut idp, &body(&"x".repeat(20_001), ""), 400, "ValidationError");
    refused(&mut idp, &body("token", "ProviderId=x"), 400, "ValidationError");
    let policy = format!("Policy={{{}}}", "+".repeat(2047));
    refused(&mut idp, &body("token", &policy), 400, "ValidationError");
    refused(
        &mut idp,
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15",
        400,
        "ValidationError",
    );
}

#[test]
fn a_signature_is_refused() {
    let mut idp = Idp::new(Scenario::default());
    let signed = Keys::of_iam_user().sign(now(), &body("token", ""));
    assert_eq!(idp.handle(now(), &signed).response.status(), 400);
    for name in ["authorization", "x-amz-date", "x-amz-security-token"] {
        let mut request = unsigned(&body("token", ""));
        request.headers_mut().insert(name, HeaderValue::from_static("x"));
        let response = idp.handle(now(), &request).response;
        let xml = String::from_utf8_lossy(response.body());
        assert_eq!(element(&xml, "Code"), "ValidationError", "{xml}");
    }
}

#[test]
fn a_declared_role_may_name_its_tokens() {
    let role = format!("[[iam_roles]]\narn = \"{ROLE}\"\n");
    let scenario = format!("{role}web_identity = [\"good\"]\nsource_identity = \"ada\"");
    let mut idp = Idp::new(Scenario::from_toml(&scenario).unwrap());
    refused(&mut idp, &body("token", ""), 403, "AccessDenied");
    refused(&mut idp, &body("good", "DurationSeconds=3601"), 400, "ValidationError");
    let (status, xml) = answer(&mut idp, &body("good", ""));
    assert_eq!((status, element(&xml, "SourceIdentity")), (200, "ada"));
    assert_eq!(element(&xml, "Expiration"), "2026-01-02T04:04:05Z");
}
