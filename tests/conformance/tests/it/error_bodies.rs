//! Error bodies of many services, and the code and text that botocore finds in them.

use conformance::{Corpus, Difference, Tally, corpus};
use http::Response;
use serde_json::Value;
use sts_proto::GetCallerIdentity;
use wire::{Operation, ServiceError};

pub(crate) const DIFFERENCES: &[Difference] =
    &[Difference { id: "s3-list-objects", row: "error-root", keyfob: "400 \"Bad Request\"" }];

fn described(code: &str, message: Option<&str>) -> String {
    format!("{code} {:?}", message.unwrap_or_default())
}

fn protocol_errors(
    suite: &'static str,
    file: &str,
    read: impl Fn(&Response<Vec<u8>>) -> ServiceError,
) {
    let Some(corpus) = corpus("botocore") else { return };
    let mut tally = Tally::new(suite, DIFFERENCES);
    let suites = corpus.json(file);
    let cases = suites.as_array().unwrap().iter().flat_map(|suite| suite["cases"].as_array());
    for case in cases.flatten() {
        let Some(code) = case["errorCode"].as_str() else { continue };
        let answer = &case["response"];
        let status = u16::try_from(answer["status_code"].as_u64().unwrap()).unwrap();
        let mut response = Response::builder().status(status);
        for (name, value) in answer["headers"].as_object().into_iter().flatten() {
            response = response.header(name, value.as_str().unwrap());
        }
        let body = answer["body"].as_str().unwrap_or_default().as_bytes().to_vec();
        let error = read(&response.body(body).unwrap());
        // Where the case names no text, keyfob shows the one of the status.
        let (expected, seen) = match case["errorMessage"].as_str() {
            Some(message) => (described(code, Some(message)), error.message.as_deref()),
            None => (described(code, None), None),
        };
        tally.compare(case["id"].as_str().unwrap(), &expected, &described(&error.code, seen));
    }
    tally.finish();
}

#[test]
fn error_codes_of_rest_json_are_found() {
    let file = "data/protocols/output/rest-json.json";
    protocol_errors("protocols rest-json", file, ServiceError::from_rest_json);
}

#[test]
fn error_codes_of_aws_query_are_found() {
    let file = "data/protocols/output/query.json";
    protocol_errors("protocols query", file, GetCallerIdentity::decode_error);
}

/// Compares the errors of a folder of bodies with the parses in another folder.
fn recorded(
    corpus: &Corpus,
    tally: &mut Tally,
    (bodies, extension, parses): (&str, &str, &str),
    read: impl Fn(&Response<Vec<u8>>) -> ServiceError,
) {
    for path in corpus.files(&format!("data/response_parsing/{bodies}"), extension) {
        let id = path.file_stem().unwrap().to_str().unwrap();
        let expected = corpus.json(&format!("data/response_parsing/{parses}/{id}.json"));
        let body = std::fs::read(&path).unwrap();
        let error = read(&Response::builder().status(400).body(body).unwrap());
        let part = |name: &str| expected["Error"][name].as_str();
        tally.compare(
            id,
            &described(part("Code").unwrap(), part("Message")),
            &described(&error.code, error.message.as_deref()),
        );
        if let Value::String(request_id) = &expected["ResponseMetadata"]["RequestId"] {
            assert_eq!(error.request_id.as_ref(), Some(request_id), "{id}");
        }
    }
}

#[test]
fn recorded_errors_are_read() {
    let Some(corpus) = corpus("botocore") else { return };
    let mut tally = Tally::new("response_parsing", DIFFERENCES);
    let json = ("json-errors", "json", "json-errors-expected");
    recorded(&corpus, &mut tally, json, ServiceError::from_rest_json);
    let xml = ("errors", "xml", "errors");
    recorded(&corpus, &mut tally, xml, GetCallerIdentity::decode_error);
    tally.finish();
}
