use std::time::Duration;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::Value;

/// What the emulator answers, and how it is to be delivered.
#[derive(Debug)]
#[non_exhaustive]
pub struct Reply {
    /// How long to wait before the response is sent.
    pub delay: Duration,
    /// The whole response.
    pub response: Response<Vec<u8>>,
    /// How the delivery fails, if it does.
    pub wire_fault: Option<WireFault>,
}

/// How the delivery of a response fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WireFault {
    /// The connection ends before the response.
    Drop,
    /// The connection ends within the body.
    Truncate,
}

pub(crate) fn empty(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response
}

pub(crate) fn json(status: StatusCode, body: &Value) -> Response<Vec<u8>> {
    with_body(status, "application/json", body.to_string())
}

pub(crate) fn xml(status: StatusCode, body: String) -> Response<Vec<u8>> {
    with_body(status, "text/xml", body)
}

pub(crate) fn css(body: &str) -> Response<Vec<u8>> {
    with_body(StatusCode::OK, "text/css", body.to_owned())
}

pub(crate) fn svg(body: &str) -> Response<Vec<u8>> {
    with_body(StatusCode::OK, "image/svg+xml", body.to_owned())
}

pub(crate) fn script(body: &str) -> Response<Vec<u8>> {
    with_body(StatusCode::OK, "text/javascript", body.to_owned())
}

/// The one page that needs a script: what stands behind a `#` does not reach a server.
pub(crate) fn scripted_html(body: String) -> Response<Vec<u8>> {
    const POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; \
                          base-uri 'none'; frame-ancestors 'none'";
    let mut response = html(StatusCode::OK, body);
    set(&mut response, http::header::CONTENT_SECURITY_POLICY, POLICY);
    response
}

/// A page, which nobody may store and which runs no script.
///
/// The policy names no `form-action`: Chromium would apply it to the redirect that answers the
/// form, and that goes to the port of whoever signs in.
pub(crate) fn html(status: StatusCode, body: String) -> Response<Vec<u8>> {
    const POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'self'; \
                          base-uri 'none'; frame-ancestors 'none'";
    let mut response = with_body(status, "text/html; charset=utf-8", body);
    set(&mut response, CACHE_CONTROL, "no-store");
    set(&mut response, http::header::CONTENT_SECURITY_POLICY, POLICY);
    set(&mut response, http::header::REFERRER_POLICY, "no-referrer");
    response
}

pub(crate) fn redirect(location: &str) -> Response<Vec<u8>> {
    let mut response = empty(StatusCode::FOUND);
    set(&mut response, CACHE_CONTROL, "no-store");
    set(&mut response, LOCATION, location);
    response
}

fn with_body(status: StatusCode, content_type: &str, body: String) -> Response<Vec<u8>> {
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE, content_type);
    response
}

/// Sets a header, unless the value cannot stand in one.
pub(crate) fn set(response: &mut Response<Vec<u8>>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
