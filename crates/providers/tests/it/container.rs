//! The credentials of a container, from the endpoint that its environment names.

use std::sync::Arc;

use providers::{Caches, Container, Context, Credentials, Error, ProvideCredentials};
use shared_config::Environment;
use test_support::{Recorder, START, TestClock, json_answer};
use wire::Timestamp;

use crate::support::{PROGRAM, block_on};

const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

const ANSWER: &str = r#"{"AccessKeyId":"A","SecretAccessKey":"S","Token":"T",
    "Expiration":"2026-01-02T05:04:05Z","AccountId":"111122223333"}"#;

/// What an endpoint that answers `body` gives under these variables.
fn provide(
    variables: &[(&str, &str)],
    status: u16,
    body: &str,
) -> (Result<Credentials, Error>, Arc<Recorder>) {
    let recorder = Recorder::answering(json_answer(status, body));
    let clock = TestClock::at(Timestamp::from_unix(i64::try_from(START).unwrap()));
    let context = Context::new(PROGRAM, clock, recorder.clone(), Caches::below("/nonexistent"));
    let container = Container::new(context, &Environment::from_pairs(variables.iter().copied()));
    let result = container.and_then(|container| block_on(container.provide()));
    (result, recorder)
}

/// The URL that is asked, and the token that is sent.
fn asked(variables: &[(&str, &str)]) -> (String, Option<String>) {
    let (result, recorder) = provide(variables, 200, ANSWER);
    result.unwrap();
    let [request] = recorder.requests().try_into().unwrap();
    assert_eq!(request.headers()["accept"], "application/json");
    let token = request.headers().get("authorization");
    assert!(token.is_none_or(http::HeaderValue::is_sensitive));
    let token = token.map(|token| token.to_str().unwrap().to_owned());
    (request.uri().to_string(), token)
}

fn refusal(variables: &[(&str, &str)]) -> String {
    let (result, recorder) = provide(variables, 200, ANSWER);
    assert_eq!(recorder.requests().len(), 0, "nobody is asked");
    result.unwrap_err().to_string()
}

#[test]
fn the_endpoint_is_the_one_of_the_environment() {
    let full = (FULL, "http://169.254.170.23/v1/credentials");
    assert_eq!(asked(&[(RELATIVE, "/v2/x"), full]), ("http://169.254.170.2/v2/x".into(), None));
    assert_eq!(asked(&[full]).0, full.1);
    for (variables, reason) in [
        (vec![], "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set"),
        (vec![(RELATIVE, "v2/x"), full], "the path `v2/x` does not begin with /"),
        (vec![(FULL, "http:// /")], "`http:// /` is no URL"),
        (
            vec![(FULL, "http://h/")],
            "`http://h/` is neither https nor an address of this machine, of ECS or of EKS",
        ),
    ] {
        assert_eq!(refusal(&variables), format!("container: {reason}"));
    }
}

#[test]
fn the_token_of_the_file_comes_before_that_of_the_variable() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("token");
    let file = (TOKEN_FILE, path.to_str().unwrap());
    let (full, given) = ((FULL, "https://h/x"), (TOKEN, "given"));
    assert_eq!(asked(&[full, given]).1.as_deref(), Some("given"));
    std::fs::write(&path, "of the file\n").unwrap();
    assert_eq!(asked(&[full, given, file]).1.as_deref(), Some("of the file"));
    for content in ["", "\r\n"] {
        std::fs::write(&path, content).unwrap();
        assert!(refusal(&[full, given, file]).starts_with("the token file"), "{content:?}");
    }
    let control = "container: the authorization token has control characters";
    assert_eq!(refusal(&[full, (TOKEN, "a\nb")]), control);
}

#[test]
fn an_answer_without_keys_is_told_with_what_it_lacks_and_without_the_token() {
    let full = [(FULL, "https://h:8443/x"), (TOKEN, "opensesame")];
    let credentials = provide(&full, 200, ANSWER).0.unwrap();
    assert_eq!(credentials.account_id.as_deref(), Some("111122223333"));
    assert_eq!(credentials.session_token.unwrap().expose(), "T");
    let source = &credentials.sources[0];
    assert_eq!((&*source.provider, &*source.detail), ("container", "the endpoint at h:8443"));
    for (body, reason) in [
        (r#"{"AccessKeyId":"A"}"#.to_owned(), "the answer lacks the member SecretAccessKey"),
        (ANSWER.replace("2026", "x"), "the member Expiration of the answer cannot be used"),
    ] {
        let error = provide(&full, 200, &body).0.unwrap_err();
        assert_eq!(error.to_string(), "container credentials at h:8443 failed");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(source, reason);
    }
    let body = r#"{"code":"Denied","message":"opensesame is no token"}"#;
    let (result, recorder) = provide(&full, 403, body);
    let error = format!("{:?}", result.unwrap_err());
    assert!(error.contains("Denied") && !error.contains("opensesame"), "{error}");
    assert_eq!(recorder.requests().len(), 1);
}
