use std::io::{Read, Write};
use std::net::TcpListener;

use http::{Method, Request, Response};
use wire::{Retry, Transport};

use crate::support::{answering, chain, get, hyper};

#[tokio::test]
async fn a_request_arrives_as_it_was_made_and_the_answer_comes_back() {
    let server =
        answering(|_| Response::builder().status(201).header("a", "b").body(b"done".to_vec()))
            .await;
    let request = Request::post(format!("{}/base/token?role_name=A%2BB", server.url))
        .header("x-amz-sso_bearer_token", "hunter2")
        .body(b"{}".to_vec())
        .unwrap();
    let response = hyper().send(request).await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(
        (response.headers()["a"].to_str().unwrap(), &**response.body()),
        ("b", &b"done"[..])
    );
    let [arrived] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
    assert_eq!((arrived.method(), &**arrived.body()), (&Method::POST, &b"{}"[..]));
    assert_eq!(arrived.uri(), "/base/token?role_name=A%2BB");
    let headers = arrived.headers();
    assert_eq!(headers["x-amz-sso_bearer_token"], "hunter2");
    assert_eq!(headers["user-agent"], "keyfob/test");
    assert_eq!(format!("http://{}", headers["host"].to_str().unwrap()), server.url);
}

#[tokio::test]
async fn a_request_may_name_its_own_agent() {
    let server = answering(|_| Response::builder().body(Vec::new())).await;
    let request = Request::get(&server.url).header("user-agent", "mine").body(Vec::new()).unwrap();
    hyper().send(request).await.unwrap();
    let [arrived] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
    let agents: Vec<_> = arrived.headers().get_all("user-agent").iter().collect();
    assert_eq!(agents, ["mine"]);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let server = answering(|requests| {
        let host = requests[0].headers()["host"].to_str().unwrap();
        let target = format!("http://{host}/elsewhere");
        Response::builder().status(302).header("location", target).body(Vec::new())
    })
    .await;
    let response = hyper().send(get(&server.url, Retry::Transient)).await.unwrap();
    assert_eq!(response.status(), 302);
    let paths: Vec<_> = server.requests().iter().map(|request| request.uri().to_string()).collect();
    assert_eq!(paths, ["/"]);
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    for (length, is_read) in [(wire::MAX_BODY, true), (wire::MAX_BODY + 1, false)] {
        let server = answering(move |_| Response::builder().body(vec![b' '; length])).await;
        match hyper().send(get(&server.url, Retry::Unsent)).await {
            Ok(response) => assert_eq!((response.body().len(), is_read), (length, true)),
            Err(error) => {
                let error = chain(&error);
                assert!(!is_read && error.contains("the answer is over 1 MiB"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_closed_is_told_with_its_host_and_without_a_secret() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let server = std::thread::spawn(move || {
        for stream in listener.incoming().take(3) {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
        }
    });
    let mut request = get(&format!("http://{host}/?code=hunter2"), Retry::Transient);
    request.headers_mut().insert("x-amz-sso_bearer_token", "hunter2".parse().unwrap());
    let error = hyper().send(request).await.unwrap_err();
    server.join().unwrap();
    assert_eq!((&*error.host, error.unsent), (&*host, false));
    assert!(!format!("{error:?} {}", chain(&error)).contains("hunter2"));
}

#[tokio::test]
async fn a_connection_that_was_begun_ahead_is_the_one_that_is_used() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut first, _) = listener.accept().unwrap();
        let read = first.read(&mut [0; 1024]).unwrap();
        first.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        listener.set_nonblocking(true).unwrap();
        (read > 0, listener.accept().is_err())
    });
    let hyper = hyper();
    hyper.connect_ahead(&url.parse().unwrap());
    assert_eq!(hyper.send(get(&url, Retry::Unsent)).await.unwrap().status(), 200);
    assert_eq!(server.join().unwrap(), (true, true), "(a request came, over the only connection)");
}
