use emulator::{Approval, ApproveError, Scenario};
use serde_json::json;

use crate::client::{Client, START_URL, refused};

#[test]
fn a_device_waits_for_its_user() {
    let mut scenario = Scenario::default();
    scenario.device_interval = std::time::Duration::from_secs(5);
    let mut client = Client::for_devices(scenario);
    let device = client.start_device();
    assert_eq!(device["expiresIn"], 600);
    assert_eq!(device["interval"], 5);
    let pending = refused(400, "AuthorizationPendingException");
    let slow_down = refused(400, "SlowDownException");
    assert_eq!(client.poll(&device), pending);
    client.advance(4);
    assert_eq!(client.poll(&device), slow_down);
    client.advance(9); // the interval is 10 now
    assert_eq!(client.poll(&device), slow_down);
    client.advance(15);
    assert_eq!(client.poll(&device), pending);

    let code = device["userCode"].as_str().unwrap();
    client.idp.approve_device(client.now, &code.to_lowercase()).unwrap();
    let token = client.poll(&device).unwrap();
    assert_eq!(token["tokenType"], "Bearer");
    assert_eq!(token["expiresIn"], 3600);
    assert!(token["refreshToken"].is_string());
    assert_eq!(client.poll(&device), refused(400, "InvalidGrantException"));
    let again = client.idp.approve_device(client.now, code);
    assert_eq!(again, Err(ApproveError::UnknownCode));
}

#[test]
fn a_denied_device_gets_no_token() {
    let mut client = Client::for_devices(Scenario::default());
    let device = client.start_device();
    let code = device["userCode"].as_str().unwrap();
    client.idp.deny_device(client.now, code).unwrap();
    assert_eq!(client.poll(&device), refused(400, "AccessDeniedException"));
    let late = client.idp.approve_device(client.now, code);
    assert_eq!(late, Err(ApproveError::AlreadyDecided));
}

#[test]
fn codes_expire() {
    let mut client = Client::for_devices(Scenario::default());
    let device = client.start_device();
    client.advance(600);
    assert_eq!(client.poll(&device), refused(400, "ExpiredTokenException"));
    let code = device["userCode"].as_str().unwrap();
    assert_eq!(client.idp.approve_device(client.now, code), Err(ApproveError::Expired));
}

#[test]
fn nobody_has_to_decide() {
    for (approval, decided) in
        [(Approval::Automatic, None), (Approval::Deny, Some("AccessDeniedException"))]
    {
        let mut scenario = Scenario::default();
        scenario.approval = approval;
        scenario.approve_after_polls = 2;
        let mut client = Client::for_devices(scenario);
        let device = client.start_device();
        for _ in 0..2 {
            assert_eq!(client.poll(&device), refused(400, "AuthorizationPendingException"));
            client.advance(1);
        }
        assert_eq!(client.poll(&device).err().map(|(_, code)| code).as_deref(), decided);
    }
}

#[test]
fn without_scopes_there_is_no_refresh_token() {
    let body = json!({ "clientName": "legacy", "clientType": "public" });
    let mut client = Client::register(Scenario::default(), body);
    let token = client.sign_in();
    assert!(token["accessToken"].is_string());
    assert_eq!(token.get("refreshToken"), None);
}

#[test]
fn clients_are_checked() {
    let mut client = Client::for_devices(Scenario::default());
    let good = client.registration.clone();
    let start = |client: &mut Client, start_url| {
        let body = json!({
            "clientId": client.registration["clientId"],
            "clientSecret": client.registration["clientSecret"],
            "startUrl": start_url,
        });
        client.post("/device_authorization", &body).map(|_| ())
    };
    let fails = |status, code: &str| Err((status, code.to_owned()));
    let other = "https://other.awsapps.com/start";
    assert_eq!(start(&mut client, other), fails(400, "InvalidRequestException"));
    for member in ["clientId", "clientSecret"] {
        client.registration = good.clone();
        client.registration[member] = json!("wrong");
        assert_eq!(start(&mut client, START_URL), fails(401, "InvalidClientException"));
    }
    client.registration = good;
    client.advance(90 * 24 * 3600);
    assert_eq!(start(&mut client, START_URL), fails(401, "InvalidClientException"));

    let mut browser = Client::for_browsers(Scenario::default());
    assert_eq!(start(&mut browser, START_URL), fails(400, "UnauthorizedClientException"));
    let password = browser.create_token("password", json!({}));
    assert_eq!(password, refused(400, "UnsupportedGrantTypeException"));
}
