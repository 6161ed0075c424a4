//! What comes of each answer.

use std::io::Cursor;

use http::{Request, Response, Uri};
use sso_proto::{Account, GetRoleCredentials, ListAccountRoles, ListAccounts, Logout, Role};
use wire::{CallError, DecodeError, Operation, Secret};

const CREDENTIALS: &str = r#"{"roleCredentials":{"accessKeyId":"ASIA1","secretAccessKey":"sak",
    "sessionToken":"st","expiration":1767326400000}}"#;

fn decode<O: Operation>(_: &O, body: &str) -> Result<O::Output, DecodeError> {
    O::decode(&Response::new(body.as_bytes().to_vec()))
}

fn get<'a>(token: &'a Secret<String>) -> GetRoleCredentials<'a> {
    GetRoleCredentials { access_token: token, account_id: "1", role_name: "R" }
}

/// Performs an action with a client that answers with `answers`, one after the other.
fn perform<O: Operation>(
    operation: &O,
    answers: &mut dyn Iterator<Item = Response<Vec<u8>>>,
) -> Result<O::Output, CallError> {
    let send = |_: Request<Vec<u8>>| {
        let answer = answers.next().ok_or("no more answers")?;
        Ok::<_, &str>(answer.map(Cursor::new))
    };
    wire::call_blocking(operation, &Uri::from_static("https://h"), send, |_| {})
}

fn response(status: u16, body: &str) -> Response<Vec<u8>> {
    Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap()
}

#[test]
fn credentials_are_read_whole() {
    let token = Secret::from("t");
    let credentials = decode(&get(&token), CREDENTIALS).unwrap();
    assert_eq!(credentials.access_key_id, "ASIA1");
    assert_eq!(credentials.secret_access_key.expose(), "sak");
    assert_eq!(credentials.session_token.expose(), "st");
    assert_eq!(credentials.expiration.to_string(), "2026-01-02T04:00:00Z");
}

#[test]
fn each_member_of_credentials_is_needed_and_has_its_type() {
    let token = Secret::from("t");
    for (name, value) in [
        ("accessKeyId", r#""ASIA1""#),
        ("secretAccessKey", r#""sak""#),
        ("sessionToken", r#""st""#),
        ("expiration", "1767326400000"),
    ] {
        let with = |other: &str| {
            let member = format!("\"{name}\":");
            let body =
                CREDENTIALS.replace(&format!("{member}{value}"), &format!("{member}{other}"));
            assert_ne!(body, CREDENTIALS);
            decode(&get(&token), &body).unwrap_err()
        };
        for none in ["null", r#""""#] {
            assert!(matches!(with(none), DecodeError::MissingField(missing) if missing == name));
        }
        for other in ["[]", "true"] {
            assert!(matches!(with(other), DecodeError::InvalidField(wrong) if wrong == name));
        }
    }
    let flat = decode(&get(&token), r#"{"roleCredentials":"none"}"#);
    assert!(matches!(flat, Err(DecodeError::InvalidField("roleCredentials"))));
}

#[test]
fn the_end_of_credentials_lies_between_1973_and_2100() {
    let token = Secret::from("t");
    let end = |millis: &str| {
        let body = CREDENTIALS.replace("1767326400000", millis);
        decode(&get(&token), &body).map(|credentials| credentials.expiration.unix()).ok()
    };
    assert_eq!(end("99999999999"), None, "a time in seconds");
    assert_eq!(end("100000000000"), Some(100_000_000));
    assert_eq!(end("4102444799999"), Some(4_102_444_799));
    assert_eq!(end("4102444800000"), None);
}

#[test]
fn pages_are_read_and_followed() {
    let token = Secret::from("t");
    let first = ListAccounts::first_page(&token);
    let page = decode(
        &first,
        r#"{"nextToken":"2","accountList":[
            {"accountId":"1","accountName":"Prod","emailAddress":"p@x"},{"accountName":"no id"}]}"#,
    )
    .unwrap();
    let [Account { account_id, account_name, email_address, .. }] = page.account_list.as_slice()
    else {
        panic!("{page:?}")
    };
    assert_eq!(
        (account_id.as_str(), account_name.as_deref(), email_address.as_deref()),
        ("1", Some("Prod"), Some("p@x"))
    );
    let second = first.next(&page).unwrap().unwrap();
    assert_eq!((second.next_token.as_deref(), second.max_results), (Some("2"), Some(100)));
    assert!(matches!(second.next(&page), Err(DecodeError::RepeatedPage)));
    let last = decode(&second, r#"{"accountList":[],"nextToken":null}"#).unwrap();
    assert!(second.next(&last).unwrap().is_none());

    let first = ListAccountRoles::first_page(&token, "1");
    let body =
        r#"{"roleList":[{"roleName":"R","accountId":"1"},{"accountId":"1"}],"nextToken":"2"}"#;
    let page = decode(&first, body).unwrap();
    let [Role { role_name, account_id, .. }] = page.role_list.as_slice() else {
        panic!("{page:?}")
    };
    assert_eq!((role_name.as_str(), account_id.as_deref()), ("R", Some("1")));
    let second = first.next(&page).unwrap().unwrap();
    assert_eq!((second.account_id, second.next_token.as_deref()), ("1", Some("2")));
    assert!(matches!(second.next(&page), Err(DecodeError::RepeatedPage)));
}

#[test]
fn a_list_in_another_form_is_not_taken_for_an_empty_one() {
    let token = Secret::from("t");
    let (accounts, roles) =
        (ListAccounts::first_page(&token), ListAccountRoles::first_page(&token, "1"));
    let error = decode(&accounts, r#"{"accountList":{}}"#).unwrap_err();
    assert!(matches!(error, DecodeError::InvalidField("accountList")));
    let error = decode(&roles, r#"{"roleList":"none"}"#).unwrap_err();
    assert!(matches!(error, DecodeError::InvalidField("roleList")));
    for error in [
        decode(&accounts, r#"{"accountList":[],"nextToken":7}"#).unwrap_err(),
        decode(&roles, r#"{"roleList":[],"nextToken":7}"#).unwrap_err(),
    ] {
        assert!(matches!(error, DecodeError::InvalidField("nextToken")));
    }
    assert!(decode(&accounts, "{}").unwrap().account_list.is_empty());
    assert!(decode(&roles, "{}").unwrap().role_list.is_empty());
}

#[test]
fn a_logout_is_done_whatever_the_body_of_a_success() {
    let token = Secret::from("t");
    let logout = Logout { access_token: &token };
    assert!(decode(&logout, "").is_ok());
    let refused = perform(&logout, &mut [response(401, "{}")].into_iter()).unwrap_err();
    assert_eq!(refused.service().unwrap().status, 401);
}

#[test]
fn throttling_is_repeated_and_a_refusal_is_not() {
    let token = Secret::from("opensesame");
    let throttled = r#"{"__type":"com.amazonaws.switchboard.portal#TooManyRequestsException"}"#;
    let answers = [response(429, throttled), response(503, ""), response(200, CREDENTIALS)];
    assert!(perform(&get(&token), &mut answers.into_iter()).is_ok());

    let body = r#"{"message":"opensesame is unknown","__type":"UnauthorizedException"}"#;
    let mut answers = [response(401, body), response(200, CREDENTIALS)].into_iter();
    let error = perform(&get(&token), &mut answers).unwrap_err();
    assert_eq!(error.to_string(), "UnauthorizedException (HTTP 401): *** is unknown");
    assert!(!error.is_transient());
    assert_eq!(answers.len(), 1, "it was asked once");
}
