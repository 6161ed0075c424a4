use emulator::{Idp, Scenario};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Request;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use wire::Timestamp;

use crate::client::Client;

const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

fn credentials() -> (Client, Value) {
    let mut client = Client::for_devices(Scenario::default());
    let token = client.sign_in()["accessToken"].as_str().unwrap().to_owned();
    let target = "/federation/credentials?role_name=ReadOnly&account_id=111122223333";
    let answer = client.get(target, &token).unwrap();
    (client, answer["roleCredentials"].clone())
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec()
}

fn signed(credentials: &Value, now: Timestamp, body: &str) -> Request<Vec<u8>> {
    let text = |member: &str| credentials[member].as_str().unwrap();
    let (time, token) = (now.basic(), text("sessionToken"));
    let (date, _) = time.split_once('T').unwrap();
    let names = "host;x-amz-date;x-amz-security-token";
    let payload = hex::encode(Sha256::digest(body));
    let canonical = format!(
        "POST\n/\n\nhost:sts.example.com\nx-amz-date:{time}\nx-amz-security-token:{token}\n\n\
         {names}\n{payload}"
    );
    let scope = format!("{date}/eu-west-1/sts/aws4_request");
    let digest = hex::encode(Sha256::digest(canonical));
    let key = format!("AWS4{}", text("secretAccessKey")).into_bytes();
    let key = scope.split('/').fold(key, |key, part| mac(&key, part));
    let signature = hex::encode(mac(&key, &format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}")));
    let id = text("accessKeyId");
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}"
    );
    Request::post("/")
        .header("host", "sts.example.com")
        .header("x-amz-date", time)
        .header("x-amz-security-token", token)
        .header("authorization", authorization)
        .body(body.as_bytes().to_vec())
        .unwrap()
}

fn answer(idp: &mut Idp, now: Timestamp, request: &Request<Vec<u8>>) -> (u16, String) {
    let response = idp.handle(now, request).response;
    (response.status().as_u16(), String::from_utf8(response.into_body()).unwrap())
}

#[test]
fn issued_credentials_tell_who_they_are() {
    let (mut client, credentials) = credentials();
    let request = signed(&credentials, client.now, BODY);
    let (status, xml) = answer(&mut client.idp, client.now, &request);
    assert_eq!(status, 200, "{xml}");
    let arn = "<Arn>arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ReadOnly_";
    let (_, rest) = xml.split_once(arn).unwrap();
    assert_eq!(rest.split_once("</Arn>").unwrap().0.split_at(16).1, "/ada@example.com");
    assert!(xml.contains("<Account>111122223333</Account>"));
}

#[test]
fn each_refusal_has_its_code() {
    let (mut client, credentials) = credentials();
    let now = client.now;
    let mut check = |now, request: &Request<Vec<u8>>, status, code: &str| {
        let (got, xml) = answer(&mut client.idp, now, request);
        assert_eq!(got, status, "{xml}");
        assert!(xml.contains(&format!("<Code>{code}</Code>")), "{xml}");
    };
    let good = signed(&credentials, now, BODY);

    let unsigned = Request::post("/").body(BODY.as_bytes().to_vec()).unwrap();
    check(now, &unsigned, 403, "MissingAuthenticationToken");
    let mut malformed = good.clone();
    malformed.headers_mut().insert("authorization", http::HeaderValue::from_static("Basic x"));
    check(now, &malformed, 400, "IncompleteSignature");
    for member in ["accessKeyId", "sessionToken"] {
        let mut other = credentials.clone();
        other[member] = "unknown".into();
        check(now, &signed(&other, now, BODY), 403, "InvalidClientTokenId");
    }
    let mut other = credentials.clone();
    other["secretAccessKey"] = "wrong".into();
    check(now, &signed(&other, now, BODY), 403, "SignatureDoesNotMatch");
    let mut changed = good.clone();
    changed.body_mut().push(b'&');
    check(now, &changed, 403, "SignatureDoesNotMatch");
    let hour = std::time::Duration::from_secs(3600);
    check(now + hour, &good, 403, "SignatureDoesNotMatch");
    check(now + hour, &signed(&credentials, now + hour, BODY), 403, "ExpiredToken");
    check(
        now,
        &signed(&credentials, now, "Action=Nothing&Version=2011-06-15"),
        400,
        "InvalidAction",
    );
    check(now, &signed(&credentials, now, "Action=GetCallerIdentity"), 400, "InvalidAction");
    check(now, &signed(&credentials, now, ""), 400, "MissingAction");
}
