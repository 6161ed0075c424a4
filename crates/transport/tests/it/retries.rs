use std::io::Read;
use std::net::TcpListener;
use std::time::Duration;

use http::{Method, Response};
use transport::{Config, Hyper, RetryPolicy};
use wire::{Retry, Transport};

use crate::support::{Answering, answering, get, hyper};

/// A server that answers with this status.
async fn always(status: u16) -> Answering {
    answering(move |_| Response::builder().status(status).body(Vec::new())).await
}

/// How often the server was asked.
fn requests(server: &Answering) -> usize {
    let requests = server.requests();
    for request in &requests {
        assert_eq!((request.method(), request.uri().path()), (&Method::GET, "/"));
    }
    requests.len()
}

#[tokio::test]
async fn throttling_and_failures_of_the_server_are_repeated() {
    for status in [429, 500, 502, 503, 504] {
        let server = answering(move |requests| {
            let status = if requests.len() <= 2 { status } else { 200 };
            Response::builder().status(status).header("retry-after", "0").body(Vec::new())
        })
        .await;
        let response = hyper().send(get(&server.url, Retry::Transient)).await.unwrap();
        assert_eq!((response.status().as_u16(), requests(&server)), (200, 3), "{status}");
    }
}

#[tokio::test]
async fn the_third_failure_is_the_answer() {
    let server = always(503).await;
    let response = hyper().send(get(&server.url, Retry::Transient)).await.unwrap();
    assert_eq!((response.status().as_u16(), requests(&server)), (503, 3));
}

#[tokio::test]
async fn refusals_are_not_repeated() {
    for status in [400, 401, 403, 404] {
        let server = always(status).await;
        let response = hyper().send(get(&server.url, Retry::Transient)).await.unwrap();
        assert_eq!((response.status().as_u16(), requests(&server)), (status, 1));
    }
}

#[tokio::test]
async fn a_request_that_can_be_used_once_is_sent_once() {
    let server = always(500).await;
    let response = hyper().send(get(&server.url, Retry::Unsent)).await.unwrap();
    assert_eq!((response.status().as_u16(), requests(&server)), (500, 1));
}

#[tokio::test]
async fn an_answer_that_is_lost_is_asked_for_again_only_where_that_does_no_harm() {
    for (retry, attempts) in [(Retry::Transient, 3), (Retry::Unsent, 1)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            for stream in listener.incoming().take(attempts) {
                let _ = stream.unwrap().read(&mut [0; 1024]);
            }
            listener
        });
        hyper().send(get(&url, retry)).await.unwrap_err();
        let listener = server.join().unwrap();
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "{retry:?}");
    }
}

#[tokio::test]
async fn no_attempt_begins_when_the_window_is_over() {
    let server = always(503).await;
    let retry = RetryPolicy::default().with_window(Duration::ZERO);
    let hyper = Hyper::new(Config::default().with_retry(retry));
    let response = hyper.send(get(&server.url, Retry::Transient)).await.unwrap();
    assert_eq!((response.status().as_u16(), requests(&server)), (503, 1));
}

#[tokio::test]
async fn only_successes_bring_back_the_retries_that_failures_have_used_up() {
    let (failing, refusing, serving) = (always(503).await, always(404).await, always(200).await);
    let many = RetryPolicy::default().with_attempts(1000).with_max_delay(Duration::ZERO);
    let hyper = Hyper::new(Config::default().with_retry(many));
    let send = async |server: &Answering| {
        hyper.send(get(&server.url, Retry::Transient)).await.unwrap();
    };
    send(&failing).await;
    assert_eq!(requests(&failing), 1 + 100);
    for _ in 0..10 {
        send(&refusing).await;
    }
    send(&failing).await;
    assert_eq!(requests(&failing), 101 + 1);
    for _ in 0..5 {
        send(&serving).await;
    }
    send(&failing).await;
    assert_eq!(requests(&failing), 102 + 1 + 1);
}
