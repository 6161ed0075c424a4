use emulator::Scenario;
use http::{Method, Request};
use serde_json::json;

use crate::client::Client;

#[test]
fn a_device_is_approved_on_its_page() {
    let mut client = Client::for_devices(Scenario::default());
    let device = client.start_device();
    let code = device["userCode"].as_str().unwrap().to_owned();
    assert_eq!(device["verificationUri"], "http://localhost/device");
    let (status, page) = client.page(Method::GET, "/device", "");
    assert_eq!(status, 200);
    assert!(page.contains("<title>Sign in · keyfob emulator</title>"));
    let (status, page) = client.page(Method::GET, &format!("/device?user_code={code}"), "");
    assert_eq!(status, 200);
    for part in [code.as_str(), "test client", "sso:account:access", "Ada Lovelace", "Grace Hopper"]
    {
        assert!(page.contains(part), "{part}");
    }
    let form = format!("user_code={code}&user=grace%40example.com&decision=approve");
    let (status, page) = client.page(Method::POST, "/device", &form);
    assert_eq!(status, 200);
    assert!(page.contains("Request approved"));
    let token = client.poll(&device).unwrap()["accessToken"].as_str().unwrap().to_owned();
    let accounts = client.get("/assignment/accounts", &token).unwrap();
    assert!(accounts.to_string().contains("Billing"), "an account of Grace");
}

#[test]
fn mistakes_are_shown_on_the_page() {
    let mut client = Client::for_devices(Scenario::default());
    let (status, page) = client.page(Method::GET, "/device?user_code=ZZZZ-%3Cb%3E", "");
    assert_eq!(status, 400);
    assert!(page.contains("No device shows this code."));
    assert!(page.contains("ZZZZ-&lt;b&gt;"));
    let device = client.start_device();
    let code = device["userCode"].as_str().unwrap().to_owned();
    let form = format!("user_code={code}&user=mallory&decision=approve");
    assert_eq!(client.page(Method::POST, "/device", &form).0, 400);
    let form = format!("user_code={code}&decision=deny");
    assert!(client.page(Method::POST, "/device", &form).1.contains("Request denied"));
    let (status, page) = client.page(Method::POST, "/device", &form);
    assert_eq!(status, 400);
    assert!(page.contains("The code has already been used."));
}

#[test]
fn names_of_clients_are_escaped() {
    let body = json!({ "clientName": "<script>alert(1)</script>", "clientType": "public" });
    let mut client = Client::register(Scenario::default(), body);
    let device = client.start_device();
    let target = format!("/device?user_code={}", device["userCode"].as_str().unwrap());
    let (_, page) = client.page(Method::GET, &target, "");
    assert!(page.contains("&lt;script&gt;"));
    assert!(!page.contains("<script"));
}

#[test]
fn pages_are_neither_stored_nor_scripted() {
    let mut client = Client::for_devices(Scenario::default());
    for path in ["/", "/device", "/authorize"] {
        let response = client.send(&Request::get(path).body(Vec::new()).unwrap()).response;
        let headers = response.headers();
        assert_eq!(headers["cache-control"], "no-store");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"));
        assert!(!policy.contains("script"));
        assert!(!String::from_utf8_lossy(response.body()).contains("<script"));
    }
}

#[test]
fn the_emulator_tells_about_itself() {
    let mut client = Client::for_devices(Scenario::default());
    assert_eq!(client.get("/_emulator/health", "").unwrap(), json!({ "status": "ok" }));
    let calls = client.get("/_emulator/calls", "").unwrap();
    let expect = json!([
        { "at": "2026-01-02T03:04:05Z", "operation": "RegisterClient", "status": 200 },
    ]);
    assert_eq!(calls, expect);
    assert!(client.page(Method::GET, "/", "").1.contains("https://keyfob.awsapps.com/start"));
    assert_eq!(client.page(Method::PUT, "/token", "").0, 404);
}
