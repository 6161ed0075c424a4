use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use emulator::{Fault, FaultKind, Idp, InProcess, Scenario};
use http::Request;
use wire::{Timestamp, Transport};

/// Drives a future that never waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the transport waits"),
    }
}

#[test]
fn broken_connections_are_errors_and_delays_move_the_clock() {
    let mut scenario = Scenario::default();
    scenario.faults = vec![
        Fault::new("*", FaultKind::Latency(Duration::from_secs(3))),
        Fault::new("*", FaultKind::Truncated).times(1),
        Fault::new("*", FaultKind::Drop { processed: false }).times(1),
    ];
    let start = Timestamp::from_unix(1_000_000);
    let transport = InProcess::new(Idp::new(scenario), start);
    let send = || {
        let request =
            Request::get("https://portal.sso.eu-central-1.amazonaws.com/assignment/accounts");
        ready(transport.clone().send(request.body(Vec::new()).unwrap()))
    };
    let error = send().unwrap_err();
    assert_eq!(error.host, "portal.sso.eu-central-1.amazonaws.com");
    assert!(!error.unsent);
    assert!(send().is_err());
    assert_eq!(send().unwrap().status(), 401);
    assert_eq!(transport.now(), start + Duration::from_secs(9));
    transport.advance(Duration::from_secs(1));
    assert_eq!(transport.now(), start + Duration::from_secs(10));
    transport.set_now(start);
    let idp = transport.idp();
    let calls = idp.lock().unwrap().calls().to_vec();
    let statuses: Vec<_> = calls.iter().map(|call| call.status).collect();
    assert_eq!(statuses, [401, 0, 401]);
    assert_eq!(calls[1].at, start + Duration::from_secs(3));
}
