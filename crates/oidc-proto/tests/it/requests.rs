//! The requests, member for member.

use http::{Method, Request, Uri};
use oidc_proto::{CreateToken, Grant, RegisterClient, StartDeviceAuthorization};
use serde_json::{Value, json};
use wire::{EndpointVariant, Operation, Retry, Secret};

/// Writes the request, and returns its path and its body.
fn encode(operation: &impl Operation) -> (String, Value) {
    let request: Request<Vec<u8>> = operation.encode(&Uri::from_static("https://h/base")).unwrap();
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.headers()["content-type"], "application/json");
    (request.uri().path().to_owned(), serde_json::from_slice(request.body()).unwrap())
}

#[test]
fn a_client_registers_with_what_it_has() {
    let (path, body) = encode(&RegisterClient { client_name: "me", ..RegisterClient::default() });
    assert_eq!(path, "/base/client/register");
    assert_eq!(body, json!({"clientName": "me", "clientType": "public"}));
    let (_, body) = encode(&RegisterClient {
        client_name: "me",
        scopes: Some(&[]),
        entitled_application_arn: Some("arn"),
        ..RegisterClient::default()
    });
    let expected = json!({"clientName": "me", "clientType": "public", "scopes": [],
        "entitledApplicationArn": "arn"});
    assert_eq!(body, expected);
}

#[test]
fn a_device_is_authorized_for_a_start_url() {
    let client_secret = Secret::from("opensesame");
    let start_url = "https://d-1.awsapps.com/start";
    let start =
        StartDeviceAuthorization { client_id: "c", client_secret: &client_secret, start_url };
    let (path, body) = encode(&start);
    assert_eq!(path, "/base/device_authorization");
    assert_eq!(body, json!({"clientId": "c", "clientSecret": "opensesame", "startUrl": start_url}));
    assert_eq!((start.retry(), start.secrets()), (Retry::Transient, vec![&client_secret]));
}

#[test]
fn a_registration_may_be_repeated_and_a_token_is_asked_for_once() {
    assert_eq!(RegisterClient::default().retry(), Retry::Transient);
    assert!(RegisterClient::default().secrets().is_empty());
    let (client, code, verifier) = (Secret::from("cs"), Secret::from("c"), Secret::from("v"));
    let token = |grant| CreateToken { client_id: "c", client_secret: &client, grant, scope: None };
    let grants = [
        (Grant::authorization_code(&code, &verifier, "u"), vec![&client, &code, &verifier]),
        (Grant::device_code(&code), vec![&client, &code]),
        (Grant::refresh_token(&code), vec![&client, &code]),
    ];
    for (grant, secrets) in grants {
        let operation = token(grant);
        assert_eq!((operation.retry(), operation.secrets()), (Retry::Unsent, secrets));
        assert!(!format!("{operation:?}").contains("\"cs\""));
    }
    let scope = ["sso:account:access".to_owned()];
    let (path, body) =
        encode(&CreateToken { scope: Some(&scope), ..token(Grant::refresh_token(&code)) });
    assert_eq!(path, "/base/token");
    assert_eq!(body["scope"], json!(["sso:account:access"]));
}

#[test]
fn the_endpoint_follows_the_region() {
    let plain = EndpointVariant::default();
    let china = oidc_proto::endpoint("cn-north-1", plain).unwrap();
    assert_eq!(china, "https://oidc.cn-north-1.amazonaws.com.cn");
    assert!(oidc_proto::endpoint("evil.example/", plain).is_err());
}
