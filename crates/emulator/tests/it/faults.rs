use std::time::Duration;

use emulator::{Fault, FaultKind, Scenario, WireFault};
use http::{Method, Request};

use crate::client::{Client, refused};
use crate::signature::{element, unsigned};

fn with(faults: Vec<Fault>) -> Client {
    let mut scenario = Scenario::default();
    scenario.faults = faults;
    Client::for_devices(scenario)
}

fn accounts() -> Request<Vec<u8>> {
    Request::get("/assignment/accounts").body(Vec::new()).unwrap()
}

#[test]
fn a_fault_hits_after_skip_and_ends_after_times() {
    let fault = Fault::new("CreateToken:refresh_token", FaultKind::Status(503));
    let mut client = with(vec![fault.skip(1).times(1)]);
    let token = client.sign_in();
    let token = client.refresh(&token).unwrap();
    assert_eq!(client.refresh(&token), refused(503, "InternalServerException"));
    assert!(client.refresh(&token).is_ok(), "the failed attempt did not spend the token");
    let operations: Vec<_> =
        client.idp.calls().iter().map(|call| (call.operation.as_str(), call.status)).collect();
    let expect = [
        ("RegisterClient", 200),
        ("StartDeviceAuthorization", 200),
        ("CreateToken:device_code", 200),
        ("CreateToken:refresh_token", 200),
        ("CreateToken:refresh_token", 503),
        ("CreateToken:refresh_token", 200),
    ];
    assert_eq!(operations, expect);
}

#[test]
fn a_dropped_answer_is_not_a_dropped_request() {
    for processed in [true, false] {
        let drop = Fault::new("CreateToken:refresh_token", FaultKind::Drop { processed }).times(1);
        let mut client = with(vec![drop]);
        let token = client.sign_in();
        let _ = client.refresh(&token);
        assert_eq!(client.idp.calls().last().unwrap().status, 0);
        assert_eq!(client.refresh(&token).is_err(), processed);
    }
}

#[test]
fn services_fail_in_their_own_form() {
    let check = |kind: FaultKind, status: u16, code: &str| {
        let mut client = with(vec![Fault::new("ListAccounts", kind)]);
        assert_eq!(client.get("/assignment/accounts", ""), refused(status, code));
    };
    check(FaultKind::ExpiredRegistration, 401, "InvalidClientException");
    check(FaultKind::Forbidden, 403, "ForbiddenException");
    check(FaultKind::SlowDown, 400, "SlowDownException");
    check(FaultKind::Status(502), 502, "InternalServerException");
    check(FaultKind::Throttle { retry_after: None }, 429, "TooManyRequestsException");
    check(FaultKind::Unauthorized, 401, "UnauthorizedException");
}

#[test]
fn sts_fails_in_its_own_form() {
    for (kind, status, code) in [
        (FaultKind::Forbidden, 403, "AccessDenied"),
        (FaultKind::IdpCommunicationError, 400, "IDPCommunicationError"),
        (FaultKind::Status(500), 500, "InternalFailure"),
        (FaultKind::Status(503), 503, "ServiceUnavailable"),
        (FaultKind::Throttle { retry_after: None }, 400, "Throttling"),
        (FaultKind::Unauthorized, 403, "InvalidClientTokenId"),
    ] {
        for operation in ["AssumeRole", "AssumeRoleWithWebIdentity"] {
            let request = unsigned(&format!("Action={operation}&Version=2011-06-15"));
            let response = with(vec![Fault::new(operation, kind)]).send(&request).response;
            let xml = String::from_utf8_lossy(response.body());
            assert_eq!((response.status().as_u16(), element(&xml, "Code")), (status, code));
        }
    }
}

#[test]
fn throttling_may_say_for_how_long() {
    let kind = FaultKind::Throttle { retry_after: Some(7) };
    let response = with(vec![Fault::new("*", kind).skip(1)]).send(&accounts()).response;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "7");
}

#[test]
fn answers_may_be_late_and_broken() {
    let late = Fault::new("ListAccounts", FaultKind::Latency(Duration::from_millis(30)));
    let reply = with(vec![late, Fault::new("*", FaultKind::Truncated).skip(1)]).send(&accounts());
    assert_eq!(reply.delay, Duration::from_millis(30));
    assert_eq!(reply.wire_fault, Some(WireFault::Truncate));
    assert_eq!(reply.response.status(), 401, "the service has answered");

    let not_json = Fault::new("ListAccounts", FaultKind::NotJson { status: 200 });
    let response = with(vec![not_json]).send(&accounts()).response;
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    let empty = Fault::new("ListAccounts", FaultKind::Empty { status: 500 });
    let response = with(vec![empty]).send(&accounts()).response;
    assert_eq!((response.status().as_u16(), response.body().len()), (500, 0));
}

#[test]
fn pages_have_no_faults() {
    let mut client = with(vec![Fault::new("*", FaultKind::Forbidden).skip(1)]);
    assert_eq!(client.page(Method::GET, "/device", "").0, 200);
}

#[test]
fn the_clock_of_the_service_can_be_wrong() {
    let mut scenario = Scenario::default();
    scenario.clock_offset = -3600;
    let mut client = Client::for_devices(scenario);
    let response = client.send(&accounts()).response;
    assert_eq!(response.headers()["date"], "Fri, 02 Jan 2026 02:04:05 GMT");
    assert_eq!(client.registration["clientIdIssuedAt"], 1_767_319_445);
    assert!(response.headers().contains_key("x-amzn-requestid"));
}
