//! An operation that is performed, with clients that wait and with those that block.

use std::error::Error;
use std::io::{self, Cursor, Read};
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::{HeaderValue, Request, Response, Uri};
use wire::{
    CallError, DecodeError, EncodeError, Operation, ResponseFuture, Retry, RetryRule, Secret,
    Transport, TransportError,
};

/// Sends a secret and answers what it is told.
struct Echo<'a> {
    secret: &'a Secret<String>,
    retry: Retry,
}

impl Operation for Echo<'_> {
    type Output = String;

    fn retry(&self) -> Retry {
        self.retry
    }

    fn secrets(&self) -> Vec<&Secret<String>> {
        vec![self.secret]
    }

    fn encode(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
        let mut request = Request::new(self.secret.expose().clone().into_bytes());
        *request.uri_mut() = wire::uri(endpoint, "/echo", &[])?;
        let authorization = HeaderValue::from_static("AWS4 Credential=c, Signature=0a1b2c3d4e5f");
        request.headers_mut().insert("authorization", authorization);
        Ok(request)
    }

    fn decode_success(response: &Response<Vec<u8>>) -> Result<String, DecodeError> {
        let text = String::from_utf8(response.body().clone());
        text.map_err(|source| DecodeError::Body { status: 200, source: source.into() })
    }
}

fn response(status: u16, body: &str) -> Response<Vec<u8>> {
    let response = Response::builder().status(status).header("retry-after", "7");
    response.body(body.as_bytes().to_vec()).unwrap()
}

fn lost(unsent: bool) -> TransportError {
    TransportError::new("h", unsent, "reset while sending opensesame")
}

/// What a client saw and how long it waited, beside the result.
struct Performed {
    result: Result<String, CallError>,
    bodies: Vec<Vec<u8>>,
    waits: Vec<u64>,
}

fn blocking(retry: Retry, answers: Vec<Result<Response<Vec<u8>>, TransportError>>) -> Performed {
    let secret = Secret::from("opensesame");
    let (mut bodies, mut waits) = (Vec::new(), Vec::new());
    let mut answers = answers.into_iter();
    let send = |request: Request<Vec<u8>>| {
        assert_eq!(request.uri(), "https://h/base/echo");
        bodies.push(request.into_body());
        let answer = answers.next().expect("no more attempts than answers");
        answer.map(|response| response.map(Cursor::new))
    };
    let wait = |delay: Duration| waits.push(delay.as_secs());
    let endpoint = Uri::from_static("https://h/base");
    let result = wire::call_blocking(&Echo { secret: &secret, retry }, &endpoint, send, wait);
    assert!(answers.next().is_none(), "every answer was asked for");
    Performed { result, bodies, waits }
}

fn shown(error: &CallError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(" {cause}"));
        source = cause.source();
    }
    text
}

#[test]
fn a_blocking_client_repeats_what_may_pass_and_waits_as_the_server_asks() {
    let answers = vec![Ok(response(503, "")), Ok(response(429, "")), Ok(response(200, "hello"))];
    let performed = blocking(Retry::Transient, answers);
    assert_eq!(performed.result.unwrap(), "hello");
    assert_eq!(performed.bodies, vec![b"opensesame".to_vec(); 3]);
    assert_eq!(performed.waits, [7, 7]);
}

#[test]
fn a_blocking_client_gives_up_after_the_third_attempt() {
    let answers = (0..3).map(|_| Ok(response(500, r#"{"__type":"Broken"}"#))).collect();
    let performed = blocking(Retry::Transient, answers);
    let error = performed.result.unwrap_err();
    assert_eq!(error.service().unwrap().code, "Broken");
    assert!(error.is_transient() && !error.is_throttled());
    assert_eq!(performed.waits.len(), 2, "nobody waits after the last attempt");
}

#[test]
fn what_can_be_used_once_is_repeated_only_where_the_server_has_not_seen_it() {
    let performed = blocking(Retry::Unsent, vec![Err(lost(true)), Ok(response(500, ""))]);
    assert_eq!(performed.result.unwrap_err().service().unwrap().status, 500);
    let performed = blocking(Retry::Unsent, vec![Err(lost(false))]);
    assert!(performed.result.unwrap_err().is_transient());
    let performed = blocking(Retry::Unconnected, vec![Ok(response(429, ""))]);
    assert!(performed.result.unwrap_err().is_throttled());
}

#[test]
fn a_refusal_is_the_end() {
    let performed = blocking(Retry::Transient, vec![Ok(response(403, ""))]);
    let error = performed.result.unwrap_err();
    assert!(!error.is_transient() && !error.is_throttled());
}

#[test]
fn a_secret_that_comes_back_is_not_shown() {
    let refused = response(400, r#"{"message":"what is opensesame?"}"#);
    for answer in [Ok(refused), Err(lost(false))] {
        let error = blocking(Retry::Unsent, vec![answer]).result.unwrap_err();
        assert!(shown(&error).contains("***"), "{}", shown(&error));
        assert!(!shown(&error).contains("sesame"), "{}", shown(&error));
    }
}

#[test]
fn a_signature_that_comes_back_is_not_shown_and_the_credential_beside_it_is() {
    let refused = response(403, r#"{"message":"Credential=c, Signature=0a1b2c3d4e5f is wrong"}"#);
    let error = blocking(Retry::Unsent, vec![Ok(refused)]).result.unwrap_err();
    assert_eq!(error.to_string(), "403 (HTTP 403): Credential=c, Signature=*** is wrong");
}

fn blocking_once<B: Read, E: Into<Box<dyn Error + Send + Sync>>>(
    answer: Result<Response<B>, E>,
) -> Result<String, CallError> {
    let secret = Secret::from("opensesame");
    let mut answer = Some(answer);
    let send = |_| answer.take().expect("one attempt");
    let endpoint = Uri::from_static("https://h:8443/base");
    let echo = Echo { secret: &secret, retry: Retry::Unsent };
    wire::call_blocking(&echo, &endpoint, send, |_| panic!("one attempt"))
}

#[test]
fn any_error_of_a_blocking_client_says_that_the_host_gave_no_answer() {
    let error = blocking_once::<io::Empty, _>(Err(io::Error::other("reset"))).unwrap_err();
    let CallError::Transport(error) = error else { panic!("{error:?}") };
    assert_eq!((error.host.as_str(), error.unsent), ("h:8443", false));
    assert_eq!(error.source.to_string(), "reset");
}

#[test]
fn a_body_that_breaks_off_or_never_ends_is_no_answer() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
    let broken = blocking_once(Ok::<_, io::Error>(Response::new(Broken)));
    let endless = blocking_once(Ok::<_, io::Error>(Response::new(io::repeat(b'x'))));
    for answer in [broken, endless] {
        assert!(matches!(answer, Err(CallError::Transport(_))), "{answer:?}");
    }
    let most = "x".repeat(wire::MAX_BODY);
    let answer = blocking_once(Ok::<_, io::Error>(Response::new(most.as_bytes())));
    assert_eq!(answer.unwrap(), most);
}

/// Answers once, and keeps the rule that came with the request.
struct Canned {
    answer: Mutex<Option<Response<Vec<u8>>>>,
    rule: Mutex<Option<RetryRule>>,
}

impl Transport for Canned {
    fn send<'a>(&'a self, request: Request<Vec<u8>>) -> ResponseFuture<'a> {
        *self.rule.lock().unwrap() = request.extensions().get().copied();
        let answer = self.answer.lock().unwrap().take();
        Box::pin(async { answer.ok_or_else(|| lost(false)) })
    }
}

#[test]
fn a_transport_is_told_how_the_request_may_be_repeated() {
    let secret = Secret::from("opensesame");
    let call = |answer, retry| {
        let canned = Canned { answer: Mutex::new(answer), rule: Mutex::default() };
        let echo = Echo { secret: &secret, retry };
        let endpoint = Uri::from_static("https://h");
        let result = {
            let mut future = pin!(wire::call(&echo, &endpoint, &canned));
            match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(result) => result,
                Poll::Pending => unreachable!("the answer is there at once"),
            }
        };
        (result, canned.rule.into_inner().unwrap().unwrap())
    };
    let (result, rule) = call(Some(response(200, "hello")), Retry::Transient);
    assert_eq!(result.unwrap(), "hello");
    let throttled = response(400, r#"{"__type":"ThrottlingException"}"#);
    assert!(rule.allows(&throttled) && rule.allows_after_loss(false));
    let (result, rule) = call(None, Retry::Unsent);
    assert!(!rule.allows(&throttled) && !rule.allows_after_loss(false));
    assert!(!shown(&result.unwrap_err()).contains("sesame"));
}
