use emulator::{Idp, Scenario};
use http::Request;
use wire::Timestamp;

use crate::client::Client;
use crate::signature::{Keys, element, unsigned};

const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

fn credentials() -> (Client, Keys) {
    let mut client = Client::for_devices(Scenario::default());
    let token = client.sign_in()["accessToken"].as_str().unwrap().to_owned();
    let target = "/federation/credentials?role_name=ReadOnly&account_id=111122223333";
    let answer = client.get(target, &token).unwrap();
    let keys = Keys::of_portal(&answer["roleCredentials"]);
    (client, keys)
}

fn answer(idp: &mut Idp, now: Timestamp, request: &Request<Vec<u8>>) -> (u16, String) {
    let response = idp.handle(now, request).response;
    (response.status().as_u16(), String::from_utf8(response.into_body()).unwrap())
}

#[test]
fn issued_credentials_tell_who_they_are() {
    let (mut client, keys) = credentials();
    let request = keys.sign(client.now, BODY);
    let (status, xml) = answer(&mut client.idp, client.now, &request);
    assert_eq!(status, 200, "{xml}");
    let arn = "<Arn>arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ReadOnly_";
    let (_, rest) = xml.split_once(arn).unwrap();
    assert_eq!(rest.split_once("</Arn>").unwrap().0.split_at(16).1, "/ada@example.com");
    assert!(xml.contains("<Account>111122223333</Account>"));
}

#[test]
fn each_refusal_has_its_code() {
    let (mut client, keys) = credentials();
    let now = client.now;
    let mut check = |now, request: &Request<Vec<u8>>, status, code: &str| {
        let (got, xml) = answer(&mut client.idp, now, request);
        assert_eq!(got, status, "{xml}");
        assert!(xml.contains(&format!("<Code>{code}</Code>")), "{xml}");
    };
    let good = keys.sign(now, BODY);

    check(now, &unsigned(BODY), 403, "MissingAuthenticationToken");
    let mut malformed = good.clone();
    malformed.headers_mut().insert("authorization", http::HeaderValue::from_static("Basic x"));
    check(now, &malformed, 400, "IncompleteSignature");
    for other in [
        Keys { id: "unknown".to_owned(), ..keys.clone() },
        Keys { token: Some("unknown".to_owned()), ..keys.clone() },
        Keys { token: None, ..keys.clone() },
        Keys { token: keys.token.clone(), ..Keys::of_iam_user() },
    ] {
        check(now, &other.sign(now, BODY), 403, "InvalidClientTokenId");
    }
    let other = Keys { secret: "wrong".to_owned(), ..keys.clone() };
    check(now, &other.sign(now, BODY), 403, "SignatureDoesNotMatch");
    let mut changed = good.clone();
    changed.body_mut().push(b'&');
    check(now, &changed, 403, "SignatureDoesNotMatch");
    let hour = std::time::Duration::from_secs(3600);
    check(now + hour, &good, 403, "SignatureDoesNotMatch");
    check(now + hour, &keys.sign(now + hour, BODY), 403, "ExpiredToken");
    check(now, &keys.sign(now, "Action=Nothing&Version=2011-06-15"), 400, "InvalidAction");
    check(now, &keys.sign(now, "Action=GetCallerIdentity"), 400, "InvalidAction");
    check(now, &keys.sign(now, ""), 400, "MissingAction");
    let mut json = good;
    json.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    check(now, &json, 400, "MissingAction");
}

#[test]
fn an_iam_user_has_a_key_that_does_not_expire() {
    let mut idp = Idp::new(Scenario::default());
    for now in ["2026-01-02T03:04:05Z", "2036-01-02T03:04:05Z"] {
        let now = Timestamp::parse(now).unwrap();
        let (status, xml) = answer(&mut idp, now, &Keys::of_iam_user().sign(now, BODY));
        assert_eq!(status, 200, "{xml}");
        assert_eq!(element(&xml, "Arn"), "arn:aws:iam::111122223333:user/ci");
        assert!(element(&xml, "UserId").starts_with("AIDA"), "{xml}");
    }
}

#[test]
fn a_refused_clock_comes_with_the_right_one() {
    let mut idp = Idp::new(Scenario::default());
    let now = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
    let request = Keys::of_iam_user().sign(now, BODY);
    let later = now + std::time::Duration::from_secs(1000);
    let response = idp.handle(later, &request).response;
    assert_eq!(response.status(), 403);
    assert_eq!(response.headers()["date"], "Fri, 02 Jan 2026 03:20:45 GMT");
    let xml = String::from_utf8_lossy(response.body());
    assert_eq!(element(&xml, "Code"), "SignatureDoesNotMatch");
    assert!(element(&xml, "Message").starts_with("Signature expired: 20260102T030405Z is now"));
}
