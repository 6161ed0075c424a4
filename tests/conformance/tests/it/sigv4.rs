//! The test suites for Signature Version 4 that the AWS SDKs share.

use std::path::{Path, PathBuf};
use std::time::Duration;

use conformance::{Corpus, Tally, corpus, text};
use http::Request;
use sts_proto::{Signer, SigningKeys};
use wire::{Secret, Timestamp, percent_encode};

const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// Why a case is skipped; botocore skips it as well.
const NO_URI: &str = "the target has a blank in it, and no request can be made of that";

/// Reads a request as it stands in a file, `None` where its target is no URI. A header that goes on
/// in further lines becomes one line.
fn parsed(raw: &str) -> Option<Request<Vec<u8>>> {
    let (head, body) = raw.split_once("\n\n").unwrap_or((raw, ""));
    let head = head.replace("\n ", " ");
    let mut lines = head.lines();
    let (method, rest) = lines.next().unwrap().split_once(' ').unwrap();
    let target = rest.strip_suffix(" HTTP/1.1").unwrap_or(rest);
    let headers: Vec<_> = lines.map(|line| line.split_once(':').unwrap()).collect();
    let host = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host")).unwrap().1;
    let mut request = Request::builder().method(method).uri(format!("https://{host}{target}"));
    for (name, value) in headers {
        request = request.header(name, value.trim());
    }
    request.body(body.as_bytes().to_vec()).ok()
}

/// Describes what signing adds or changes: all of the target and the headers.
fn described(request: &Request<Vec<u8>>) -> String {
    let target = described_target(&request.uri().to_string());
    let headers = request.headers().iter();
    let mut headers: Vec<_> =
        headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    headers.sort();
    format!("{} {target} {headers:?}", request.method())
}

/// Describes a URL, whatever the order of its query, and as URLs are written: keyfob encodes the
/// letters outside ASCII in a presigned query, which the CRT leaves as they are.
fn described_target(url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let encoded = |c: char| if c.is_ascii() { c.into() } else { percent_encode(&c.to_string()) };
    let encoded = |parameter: &str| parameter.chars().map(encoded).collect::<String>();
    let mut parameters: Vec<_> = query.split('&').map(encoded).collect();
    parameters.sort();
    format!("{path} {parameters:?}")
}

fn signed(signer: &Signer<'_>, mut request: Request<Vec<u8>>) -> Request<Vec<u8>> {
    signer.sign(&mut request).unwrap();
    request
}

/// The folders below a folder, by name.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn read(corpus: &Corpus, file: impl AsRef<Path>) -> String {
    String::from_utf8(corpus.read(file.as_ref().to_str().unwrap())).unwrap()
}

#[test]
fn requests_are_signed_and_presigned_as_the_crt_signs_them() {
    let Some(corpus) = corpus("sigv4-crt-suite") else { return };
    let mut header = Tally::new("sigv4-crt-suite header", &[]);
    let mut query = Tally::new("sigv4-crt-suite query", &[]);
    for folder in folders(&corpus.path("data/v4")) {
        let id = name(&folder);
        let read = |file: &str| read(&corpus, folder.join(file));
        let Some(request) = parsed(&read("request.txt")) else {
            header.skip(NO_URI);
            query.skip(NO_URI);
            continue;
        };
        let context = corpus.json(folder.join("context.json").to_str().unwrap());
        let credentials = &context["credentials"];
        let secret_access_key = Secret::from(text(credentials, "secret_access_key"));
        let session_token = credentials["token"].as_str().map(Secret::from);
        let keys = SigningKeys {
            access_key_id: text(credentials, "access_key_id"),
            secret_access_key: &secret_access_key,
            session_token: session_token.as_ref(),
        };
        let now = Timestamp::parse(text(&context, "timestamp")).unwrap();
        let region = text(&context, "region");
        let mut signer = Signer::new(keys, text(&context, "service"), region, now);
        signer.literal_path = context["normalize"] == false;
        signer.sends_body_hash = context["sign_body"] == true;
        signer.unsigned_session_token = context["omit_session_token"] == true;

        let expires = context["expiration_in_seconds"].as_u64().unwrap();
        let url = signer.presign(&request, Duration::from_secs(expires)).unwrap();
        let expected = parsed(&read("query-signed-request.txt")).unwrap();
        let expected = described_target(&expected.uri().to_string());
        query.compare(id, &expected, &described_target(url.expose()));

        let expected = parsed(&read("header-signed-request.txt")).unwrap();
        header.compare(id, &described(&expected), &described(&signed(&signer, request)));
    }
    header.finish();
    query.finish();
}

#[test]
fn an_encoded_path_is_encoded_again() {
    let Some(corpus) = corpus("sigv4-crt-suite") else { return };
    let mut tally = Tally::new("sigv4-crt-suite rust-extra", &[]);
    let secret = Secret::from(SECRET);
    let access_key_id = ACCESS_KEY_ID;
    let keys = SigningKeys { access_key_id, secret_access_key: &secret, session_token: None };
    for folder in folders(&corpus.path("data/rust-extra")) {
        if !folder.join("header-string-to-sign.txt").exists() {
            tally.skip("there is no string to sign, and the signature belongs to another time");
            continue;
        }
        let read = |file: &str| read(&corpus, folder.join(file));
        let now = Timestamp::parse("2021-05-11T15:40:45Z").unwrap();
        let signer = Signer::new(keys, "lambda", "us-east-2", now);
        let seen = signed(&signer, parsed(&read("request.txt")).unwrap());
        let expected = parsed(&read("header-signed-request.txt")).unwrap();
        tally.compare(name(&folder), &described(&expected), &described(&seen));
    }
    tally.finish();
}

/// The folders below a folder that hold a case each.
fn case_folders(folder: &Path) -> Vec<PathBuf> {
    let is_case = |folder: &Path| folder.join(format!("{}.req", name(folder))).exists();
    let below = |folder: PathBuf| if is_case(&folder) { vec![folder] } else { folders(&folder) };
    folders(folder).into_iter().flat_map(below).collect()
}

#[test]
fn requests_are_signed_as_botocore_signs_them() {
    let Some(corpus) = corpus("botocore") else { return };
    let mut tally = Tally::new("aws4_testsuite", &[]);
    let secret = Secret::from(SECRET);
    for folder in case_folders(&corpus.path("data/aws4_testsuite")) {
        let id = name(&folder);
        let read = |extension: &str| read(&corpus, folder.join(format!("{id}.{extension}")));
        let Some(request) = parsed(&read("req")) else {
            tally.skip(NO_URI);
            continue;
        };
        // As in botocore's own test, the token is the one that the canonical request has.
        let canonical = read("creq");
        let token = canonical.lines().find_map(|line| line.strip_prefix("x-amz-security-token:"));
        let token = token.map(Secret::from);
        let keys = SigningKeys {
            access_key_id: ACCESS_KEY_ID,
            secret_access_key: &secret,
            session_token: token.as_ref(),
        };
        let now = Timestamp::parse("2015-08-30T12:36:00Z").unwrap();
        let request = signed(&Signer::new(keys, "service", "us-east-1", now), request);
        let seen = request.headers()["authorization"].to_str().unwrap();
        tally.compare(id, read("authz").trim_end(), seen);
    }
    tally.finish();
}
