use std::io::{Read, Write};
use std::net::TcpListener;

use http::Request;
use wire::{Retry, Transport};
use wiremock::matchers::{body_string, header, header_exists, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{chain, get, hyper};

#[tokio::test]
async fn a_request_arrives_as_it_was_made_and_the_answer_comes_back() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/base/token"))
        .and(query_param("role_name", "A+B"))
        .and(body_string("{}"))
        .and(header("x-amz-sso_bearer_token", "hunter2"))
        .and(header("user-agent", "keyfob/test"))
        .and(header_exists("host"))
        .respond_with(ResponseTemplate::new(201).set_body_string("done").insert_header("a", "b"))
        .expect(1)
        .mount(&server)
        .await;
    let request = Request::post(format!("{}/base/token?role_name=A%2BB", server.uri()))
        .header("x-amz-sso_bearer_token", "hunter2")
        .body(b"{}".to_vec())
        .unwrap();
    let response = hyper().send(request).await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(
        (response.headers()["a"].to_str().unwrap(), &**response.body()),
        ("b", &b"done"[..])
    );
}

#[tokio::test]
async fn a_request_may_name_its_own_agent() {
    let server = MockServer::start().await;
    Mock::given(header("user-agent", "mine"))
        .respond_with(ResponseTemplate::new(200))
        .expect(1)
        .mount(&server)
        .await;
    let request = Request::get(server.uri()).header("user-agent", "mine").body(Vec::new()).unwrap();
    hyper().send(request).await.unwrap();
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let server = MockServer::start().await;
    let target = format!("{}/elsewhere", server.uri());
    Mock::given(path("/"))
        .respond_with(ResponseTemplate::new(302).insert_header("location", target))
        .expect(1)
        .mount(&server)
        .await;
    let response = hyper().send(get(&server.uri(), Retry::Transient)).await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    for (length, is_read) in [(wire::MAX_BODY, true), (wire::MAX_BODY + 1, false)] {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .respond_with(ResponseTemplate::new(200).set_body_bytes(vec![b' '; length]))
            .mount(&server)
            .await;
        match hyper().send(get(&server.uri(), Retry::Unsent)).await {
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
