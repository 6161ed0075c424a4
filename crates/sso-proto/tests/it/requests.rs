//! The requests, byte for byte as the portal expects them.

use http::{Method, Request, Uri};
use sso_proto::{GetRoleCredentials, ListAccountRoles, ListAccounts, Logout};
use wire::{EndpointError, EndpointVariant, Operation, Retry, Secret};

const ENDPOINT: &str = "https://portal.sso.eu-west-1.amazonaws.com/base";

fn encode(operation: &impl Operation) -> Request<Vec<u8>> {
    let request = operation.encode(&Uri::from_static(ENDPOINT)).unwrap();
    let token = &request.headers()["x-amz-sso_bearer_token"];
    assert!(token.is_sensitive() && token == "opensesame");
    assert!(request.body().is_empty());
    request
}

fn path(request: &Request<Vec<u8>>) -> &str {
    let uri = request.uri();
    assert_eq!(uri.host(), Some("portal.sso.eu-west-1.amazonaws.com"));
    uri.path_and_query().unwrap().as_str()
}

#[test]
fn each_action_has_its_method_path_and_query() {
    let token = Secret::from("opensesame");
    let (account_id, role_name) = ("111122223333", "A+B");
    let request = encode(&GetRoleCredentials { access_token: &token, account_id, role_name });
    assert_eq!(request.method(), Method::GET);
    assert_eq!(
        path(&request),
        "/base/federation/credentials?role_name=A%2BB&account_id=111122223333"
    );
    let request = encode(&ListAccounts::first_page(&token));
    assert_eq!(request.method(), Method::GET);
    assert_eq!(path(&request), "/base/assignment/accounts?max_result=100");
    let request = encode(&ListAccountRoles::first_page(&token, account_id));
    assert_eq!(request.method(), Method::GET);
    assert_eq!(path(&request), "/base/assignment/roles?account_id=111122223333&max_result=100");
    let request = encode(&Logout { access_token: &token });
    assert_eq!(request.method(), Method::POST);
    assert_eq!(path(&request), "/base/logout");
    assert_eq!(request.headers()["content-length"], "0");
}

#[test]
fn a_page_is_asked_for_by_its_token() {
    let token = Secret::from("opensesame");
    let next_token = Some("a b".to_owned());
    let page = ListAccounts { access_token: &token, next_token, max_results: None };
    assert_eq!(path(&encode(&page)), "/base/assignment/accounts?next_token=a%20b");
    let bare = ListAccounts { next_token: None, ..page };
    assert_eq!(path(&encode(&bare)), "/base/assignment/accounts");
}

#[test]
fn what_the_service_would_refuse_is_not_sent() {
    let token = Secret::from("opensesame");
    let endpoint = Uri::from_static(ENDPOINT);
    let get = GetRoleCredentials { access_token: &token, account_id: "1", role_name: "R" };
    let error = |request: Result<Request<_>, wire::EncodeError>| request.unwrap_err().to_string();
    let no_account = GetRoleCredentials { account_id: "", ..get };
    assert_eq!(error(no_account.encode(&endpoint)), "accountId cannot be sent as it is");
    let no_role = GetRoleCredentials { role_name: "", ..get };
    assert_eq!(error(no_role.encode(&endpoint)), "roleName cannot be sent as it is");
    let no_account = ListAccountRoles::first_page(&token, "");
    assert_eq!(error(no_account.encode(&endpoint)), "accountId cannot be sent as it is");
    let broken = Secret::from("open\nsesame");
    let logout = Logout { access_token: &broken };
    assert_eq!(error(logout.encode(&endpoint)), "accessToken cannot be sent as it is");
}

#[test]
fn every_action_may_be_repeated_and_hides_its_token() {
    let token = Secret::from("opensesame");
    let get = GetRoleCredentials { access_token: &token, account_id: "1", role_name: "R" };
    let (accounts, logout) = (ListAccounts::first_page(&token), Logout { access_token: &token });
    let roles = ListAccountRoles::first_page(&token, "1");
    assert_eq!(
        [get.retry(), accounts.retry(), roles.retry(), logout.retry()],
        [Retry::Transient; 4]
    );
    for secrets in [get.secrets(), accounts.secrets(), roles.secrets(), logout.secrets()] {
        assert_eq!(secrets, [&token]);
    }
    assert!(!format!("{get:?} {accounts:?} {roles:?} {logout:?}").contains("opensesame"));
}

#[test]
fn the_endpoint_follows_the_region() {
    let fips = EndpointVariant { fips: true, dual_stack: false };
    let endpoint = sso_proto::endpoint("us-east-1", fips).unwrap();
    assert_eq!(endpoint, "https://portal.sso-fips.us-east-1.amazonaws.com");
    let missing = sso_proto::endpoint("", EndpointVariant::default());
    assert_eq!(missing, Err(EndpointError::MissingRegion));
}
