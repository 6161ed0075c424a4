use emulator::{Account, Scenario};
use http::Method;
use serde_json::{Value, json};

use crate::client::{Client, refused};

fn signed_in(scenario: Scenario) -> (Client, String) {
    let mut client = Client::for_devices(scenario);
    let token = client.sign_in()["accessToken"].as_str().unwrap().to_owned();
    (client, token)
}

fn ids(page: &Value) -> Vec<&str> {
    let accounts = page["accountList"].as_array().unwrap();
    accounts.iter().map(|account| account["accountId"].as_str().unwrap()).collect()
}

#[test]
fn users_see_what_is_assigned_to_them() {
    let (mut client, ada) = signed_in(Scenario::default());
    let accounts = client.get("/assignment/accounts", &ada).unwrap();
    assert_eq!(ids(&accounts), ["111122223333", "222233334444", "333344445555"]);
    assert_eq!(accounts.get("nextToken"), None);
    assert_eq!(accounts["accountList"][0]["accountName"], "Production");
    assert_eq!(accounts["accountList"][0]["emailAddress"], "aws+production@example.com");
    let roles = client.get("/assignment/roles?account_id=111122223333", &ada).unwrap();
    let expect = json!([
        { "accountId": "111122223333", "roleName": "ReadOnly" },
        { "accountId": "111122223333", "roleName": "Operator" },
    ]);
    assert_eq!(roles["roleList"], expect);

    client.idp.sign_in_as("grace@example.com").unwrap();
    let grace = client.sign_in()["accessToken"].as_str().unwrap().to_owned();
    let accounts = client.get("/assignment/accounts", &grace).unwrap();
    assert_eq!(ids(&accounts), ["111122223333", "222233334444", "444455556666"]);
    assert!(client.idp.sign_in_as("mallory@example.com").is_err());
}

#[test]
fn listings_have_pages() {
    let mut scenario = Scenario::from_toml("page_size = 3\nempty_first_page = true").unwrap();
    scenario.accounts =
        (0..8).map(|n| Account::new(&format!("{n:012}"), "Name", &["Role"])).collect();
    let (mut client, token) = signed_in(scenario);
    let mut target = "/assignment/accounts?max_result=100".to_owned();
    let mut sizes = Vec::new();
    loop {
        let page = client.get(&target, &token).unwrap();
        sizes.push(ids(&page).len());
        let Some(next) = page["nextToken"].as_str() else { break };
        let next = next.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        target = format!("/assignment/accounts?max_result=100&next_token={next}");
    }
    assert_eq!(sizes, [0, 3, 3, 2]);
    let invalid = refused(400, "InvalidRequestException");
    for query in ["max_result=0", "max_result=101", "max_result=x", "next_token=x"] {
        assert_eq!(client.get(&format!("/assignment/accounts?{query}"), &token), invalid);
    }
    let other = target.replace("accounts?", "roles?account_id=000000000000&");
    assert_eq!(client.get(&other, &token), invalid, "a token of another listing");
}

#[test]
fn credentials_are_issued_for_assigned_roles_only() {
    let (mut client, token) = signed_in(Scenario::default());
    let mut get = |query: &str| client.get(&format!("/federation/credentials?{query}"), &token);
    let answer = get("role_name=ReadOnly&account_id=111122223333").unwrap();
    let credentials = &answer["roleCredentials"];
    assert!(credentials["accessKeyId"].as_str().unwrap().starts_with("ASIA"));
    assert_eq!(credentials["expiration"], 1_767_326_645_000_i64, "in milliseconds");
    let forbidden = refused(403, "ForbiddenException");
    assert_eq!(get("role_name=Root&account_id=111122223333"), forbidden);
    assert_eq!(get("role_name=ReadOnly&account_id=444455556666"), forbidden);
    let invalid = refused(400, "InvalidRequestException");
    assert_eq!(get("account_id=111122223333"), invalid);
    assert_eq!(get("role_name=ReadOnly"), invalid);
    assert_eq!(get("role_name=ReadOnly&account_id=12"), invalid);
    let roles = client.get("/assignment/roles?account_id=444455556666", &token);
    assert_eq!(roles, refused(404, "ResourceNotFoundException"));
}

#[test]
fn a_blank_in_a_role_name_is_not_a_plus() {
    let mut scenario = Scenario::default();
    scenario.accounts = vec![Account::new("111122223333", "Name", &["a+b"])];
    let (mut client, token) = signed_in(scenario);
    let mut get = |role: &str| {
        let target = format!("/federation/credentials?role_name={role}&account_id=111122223333");
        client.get(&target, &token).is_ok()
    };
    assert!(get("a%2Bb"));
    assert!(!get("a+b"));
}

#[test]
fn logout_ends_the_session() {
    let mut client = Client::for_devices(Scenario::default());
    let token = client.sign_in();
    let bearer = token["accessToken"].as_str().unwrap();
    assert_eq!(client.portal(Method::POST, "/logout", bearer), Ok(Value::Null));
    let unauthorized = refused(401, "UnauthorizedException");
    assert_eq!(client.portal(Method::POST, "/logout", bearer), unauthorized);
    assert_eq!(client.get("/assignment/accounts", bearer), unauthorized);
    assert_eq!(client.refresh(&token), refused(400, "InvalidGrantException"));
}

#[test]
fn a_token_expires() {
    let (mut client, token) = signed_in(Scenario::default());
    client.advance(3599);
    assert!(client.get("/assignment/accounts", &token).is_ok());
    client.advance(1);
    let expired = client.get("/assignment/accounts", &token);
    assert_eq!(expired, refused(401, "UnauthorizedException"));
    assert_eq!(client.get("/assignment/accounts", ""), expired);
}

#[test]
fn too_many_requests_a_second_are_throttled() {
    let scenario = Scenario::from_toml("rate_limit = 2").unwrap();
    let (mut client, token) = signed_in(scenario);
    for _ in 0..2 {
        assert!(client.get("/assignment/accounts", &token).is_ok());
        assert!(client.get("/assignment/accounts", &token).is_ok());
        let throttled = client.get("/assignment/accounts", &token);
        assert_eq!(throttled, refused(429, "TooManyRequestsException"));
        client.advance(1);
    }
}
