//! Signs requests of STS, with no other code than that of the hashes.

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderValue, Request};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use wire::Timestamp;

/// Credentials as a client holds them.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

impl Keys {
    /// The default IAM user of a scenario.
    pub(crate) fn of_iam_user() -> Self {
        Self {
            id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            token: None,
        }
    }

    /// What GetRoleCredentials answers.
    pub(crate) fn of_portal(credentials: &Value) -> Self {
        let text = |member: &str| credentials[member].as_str().unwrap().to_owned();
        Self {
            id: text("accessKeyId"),
            secret: text("secretAccessKey"),
            token: Some(text("sessionToken")),
        }
    }

    /// What an action that assumes a role answers.
    pub(crate) fn of_xml(xml: &str) -> Self {
        Self {
            id: element(xml, "AccessKeyId").to_owned(),
            secret: element(xml, "SecretAccessKey").to_owned(),
            token: Some(element(xml, "SessionToken").to_owned()),
        }
    }

    pub(crate) fn sign(&self, now: Timestamp, body: &str) -> Request<Vec<u8>> {
        let time = now.basic();
        let (date, _) = time.split_once('T').unwrap();
        let mut headers = vec![("host", "sts.example.com"), ("x-amz-date", &time)];
        headers.extend(self.token.as_deref().map(|token| ("x-amz-security-token", token)));
        let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines: String =
            headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let payload = hex::encode(Sha256::digest(body));
        let digest = hex::encode(Sha256::digest(format!("POST\n/\n\n{lines}\n{names}\n{payload}")));
        let scope = format!("{date}/eu-west-1/sts/aws4_request");
        let key = format!("AWS4{}", self.secret).into_bytes();
        let key = scope.split('/').fold(key, |key, part| mac(&key, part));
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}");
        let signature = hex::encode(mac(&key, &text));
        let id = &self.id;
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}"
        );
        let mut request = unsigned(body);
        for (name, value) in headers {
            request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
        }
        request.headers_mut().insert("authorization", authorization.parse().unwrap());
        request
    }
}

pub(crate) fn unsigned(body: &str) -> Request<Vec<u8>> {
    Request::post("/")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(body.as_bytes().to_vec())
        .unwrap()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec()
}

/// The text of the first element of that name.
pub(crate) fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("{name}: {xml}"));
    rest.split_once(&format!("</{name}>")).unwrap().0
}
