//! A client that knows the wire format and nothing else.

use std::time::Duration;

use emulator::{Idp, Reply, Scenario};
use http::{Method, Request};
use serde_json::{Value, json};
use wire::Timestamp;

pub(crate) const START_URL: &str = "https://keyfob.awsapps.com/start";
pub(crate) const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

pub(crate) struct Client {
    pub(crate) idp: Idp,
    pub(crate) now: Timestamp,
    pub(crate) registration: Value,
}

/// The status, and the exception or the body.
pub(crate) type Outcome = Result<Value, (u16, String)>;

pub(crate) fn refused(status: u16, code: &str) -> Outcome {
    Err((status, code.to_owned()))
}

impl Client {
    /// A client that has registered for the device grant, with a scope.
    pub(crate) fn for_devices(scenario: Scenario) -> Self {
        let body = json!({
            "clientName": "test client", "clientType": "public", "scopes": ["sso:account:access"],
        });
        Self::register(scenario, body)
    }

    /// A client that has registered for the authorization code grant.
    pub(crate) fn for_browsers(scenario: Scenario) -> Self {
        let body = json!({
            "clientName": "test client", "clientType": "public", "issuerUrl": START_URL,
            "grantTypes": ["authorization_code", "refresh_token"],
            "redirectUris": ["http://127.0.0.1/oauth/callback"], "scopes": ["sso:account:access"],
        });
        Self::register(scenario, body)
    }

    pub(crate) fn register(mut scenario: Scenario, body: Value) -> Self {
        scenario.seed = scenario.seed.or(Some(1));
        let now = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
        let mut client = Self { idp: Idp::new(scenario), now, registration: Value::Null };
        client.registration = client.post("/client/register", &body).unwrap();
        client
    }

    pub(crate) fn advance(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
    }

    pub(crate) fn send(&mut self, request: &Request<Vec<u8>>) -> Reply {
        self.idp.handle(self.now, request)
    }

    pub(crate) fn page(&mut self, method: Method, target: &str, form: &str) -> (u16, String) {
        let builder = Request::builder().method(method).uri(target);
        let response = self.send(&builder.body(form.as_bytes().to_vec()).unwrap()).response;
        let location = response.headers().get("location").map(|url| url.to_str().unwrap());
        let body = String::from_utf8_lossy(response.body());
        (response.status().as_u16(), location.map_or_else(|| body.into_owned(), str::to_owned))
    }

    fn outcome(&mut self, request: &Request<Vec<u8>>) -> Outcome {
        let response = self.send(request).response;
        let status = response.status().as_u16();
        match response.headers().get("x-amzn-errortype") {
            Some(code) => Err((status, code.to_str().unwrap().to_owned())),
            None if response.body().is_empty() => Ok(Value::Null),
            None => Ok(serde_json::from_slice(response.body()).unwrap()),
        }
    }

    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Outcome {
        self.outcome(&Request::post(path).body(body.to_string().into_bytes()).unwrap())
    }

    pub(crate) fn portal(&mut self, method: Method, target: &str, token: &str) -> Outcome {
        let builder = Request::builder().method(method).uri(target);
        let builder = builder.header("x-amz-sso_bearer_token", token);
        self.outcome(&builder.body(Vec::new()).unwrap())
    }

    pub(crate) fn get(&mut self, target: &str, token: &str) -> Outcome {
        self.portal(Method::GET, target, token)
    }

    pub(crate) fn start_device(&mut self) -> Value {
        let body = json!({
            "clientId": self.registration["clientId"],
            "clientSecret": self.registration["clientSecret"],
            "startUrl": START_URL,
        });
        self.post("/device_authorization", &body).unwrap()
    }

    pub(crate) fn create_token(&mut self, grant: &str, members: Value) -> Outcome {
        let mut body = json!({
            "clientId": self.registration["clientId"],
            "clientSecret": self.registration["clientSecret"],
            "grantType": grant,
        });
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post("/token", &body)
    }

    pub(crate) fn poll(&mut self, device: &Value) -> Outcome {
        self.create_token(DEVICE_GRANT, json!({ "deviceCode": device["deviceCode"] }))
    }

    pub(crate) fn refresh(&mut self, token: &Value) -> Outcome {
        self.create_token("refresh_token", json!({ "refreshToken": token["refreshToken"] }))
    }

    /// Signs in through a device, and returns the token.
    pub(crate) fn sign_in(&mut self) -> Value {
        let device = self.start_device();
        let code = device["userCode"].as_str().unwrap();
        self.idp.approve_device(self.now, code).unwrap();
        self.poll(&device).unwrap()
    }
}
