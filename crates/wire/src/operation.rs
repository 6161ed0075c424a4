use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use serde_json::{Map, Value};

use crate::{CallError, DecodeError, EncodeError, ServiceError, Transport, percent_encode};

/// The largest response body that is read, in bytes. The largest real answer, a page of 100
/// accounts, has about 30 KB.
pub const MAX_BODY: usize = 1 << 20;

/// One AWS action, named like the action; its fields are the request members.
pub trait Operation {
    /// What the action answers.
    type Output;

    /// How often the request may be repeated.
    const RETRY: Retry;

    /// Writes the request.
    ///
    /// # Errors
    /// Fails where a member cannot be sent.
    fn encode(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError>;

    /// Reads a response with a status of 200 to 299.
    ///
    /// # Errors
    /// Fails where the body is not what the action answers.
    fn decode_success(response: &Response<Vec<u8>>) -> Result<Self::Output, DecodeError>;

    /// Reads a response with any other status.
    fn decode_error(response: &Response<Vec<u8>>) -> ServiceError {
        ServiceError::from_rest_json(response)
    }

    /// Reads a response.
    ///
    /// # Errors
    /// Fails where the service reports an error or answers something else than the action does.
    fn decode(response: &Response<Vec<u8>>) -> Result<Self::Output, DecodeError> {
        if response.status().is_success() {
            Self::decode_success(response)
        } else {
            Err(DecodeError::Service(Box::new(Self::decode_error(response))))
        }
    }
}

/// How a transport may repeat a request; it travels as an extension of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// Only where the server cannot have acted on it, that is without a connection or after a 429:
    /// the request carries something that can be used once.
    Unsent,
    /// After any failure that may pass: no answer, 429, 500, 502, 503, 504.
    Transient,
}

impl Retry {
    /// Whether a response with this status may be followed by another attempt.
    pub fn allows(self, status: StatusCode) -> bool {
        match status.as_u16() {
            429 => true,
            500 | 502 | 503 | 504 => self == Self::Transient,
            _ => false,
        }
    }
}

/// Performs `operation` at `endpoint` through `transport`.
///
/// # Errors
/// Fails where the request cannot be written, no response is received, or the response is no
/// success.
pub async fn call<O: Operation>(
    operation: &O,
    endpoint: &Uri,
    transport: &dyn Transport,
) -> Result<O::Output, CallError> {
    let mut request = operation.encode(endpoint)?;
    request.extensions_mut().insert(O::RETRY);
    let response = transport.send(request).await?;
    Ok(O::decode(&response)?)
}

/// Joins an endpoint, which may have a base path, with the path and the query of an action.
///
/// # Errors
/// Fails where the endpoint has no host.
pub fn uri(endpoint: &Uri, path: &str, query: &[(&str, &str)]) -> Result<Uri, EncodeError> {
    let mut target = endpoint.path().trim_end_matches('/').to_owned();
    target.push_str(path);
    for (index, (name, value)) in query.iter().enumerate() {
        target.push(if index == 0 { '?' } else { '&' });
        target.push_str(name);
        target.push('=');
        target.push_str(&percent_encode(value));
    }
    Uri::builder()
        .scheme(endpoint.scheme_str().unwrap_or("https"))
        .authority(endpoint.authority().map_or("", http::uri::Authority::as_str))
        .path_and_query(target)
        .build()
        .map_err(EncodeError::Uri)
}

/// Writes a POST of a JSON object; members without a value are left out.
///
/// # Errors
/// Fails where the endpoint has no host.
pub fn json_request<const N: usize>(
    endpoint: &Uri,
    path: &str,
    members: [(&str, Option<Value>); N],
) -> Result<Request<Vec<u8>>, EncodeError> {
    let body: Map<String, Value> = members
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)))
        .collect();
    let mut request = Request::new(Value::Object(body).to_string().into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri(endpoint, path, &[])?;
    request
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_of_the_endpoint_is_kept() {
        let endpoint = Uri::from_static("http://127.0.0.1:4001/base/");
        let joined = uri(&endpoint, "/assignment/roles", &[("account_id", "1"), ("n", "a+b")]);
        assert_eq!(
            joined.unwrap(),
            "http://127.0.0.1:4001/base/assignment/roles?account_id=1&n=a%2Bb"
        );
    }

    #[test]
    fn absent_members_are_left_out() {
        let endpoint = Uri::from_static("https://oidc.eu-west-1.amazonaws.com");
        let request =
            json_request(&endpoint, "/token", [("a", Some("x".into())), ("b", None)]).unwrap();
        assert_eq!(request.body(), br#"{"a":"x"}"#);
    }
}
