use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use serde_json::{Map, Value};

use crate::{
    CallError, DecodeError, EncodeError, Secret, ServiceError, Timestamp, Transport, mask::Mask,
    percent_encode,
};

/// The largest response body that is read, in bytes. The largest real answer, a page of 100
/// accounts, has about 30 KB.
pub const MAX_BODY: usize = 1 << 20;

/// One AWS action, named like the action; its fields are the request members.
pub trait Operation {
    /// What the action answers.
    type Output;

    /// How often the request may be repeated.
    fn retry(&self) -> Retry;

    /// Returns what the request carries that must not be shown: [`call`] hides it in the errors
    /// that come back.
    fn secrets(&self) -> Vec<&Secret<String>>;

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
            let mut error = Self::decode_error(response);
            error.date = date(response);
            Err(DecodeError::Service(Box::new(error)))
        }
    }
}

/// How a request may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// Only where no connection came about: the request carries something that is spent even where
    /// the server refuses, such as an MFA code.
    Unconnected,
    /// Only where the server cannot have acted on it, that is without a connection or after a 429:
    /// the request carries something that can be used once.
    Unsent,
    /// After any failure that may pass: no answer, and [`ServiceError::is_transient`].
    Transient,
}

/// What a transport needs to know to repeat a request; it travels as an extension of the request.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "built by literal where a request is sent")]
pub struct RetryRule {
    /// How the request may be repeated.
    pub retry: Retry,
    /// Reads a response that is no success, to tell whether its error passes.
    pub decode_error: fn(&Response<Vec<u8>>) -> ServiceError,
}

impl RetryRule {
    /// The rule of an action.
    pub fn of<O: Operation>(operation: &O) -> Self {
        Self { retry: operation.retry(), decode_error: O::decode_error }
    }

    /// The rule of a request whose errors all show in their status.
    pub const fn by_status(retry: Retry) -> Self {
        Self { retry, decode_error: |response| ServiceError::new(response.status(), "", None) }
    }

    /// Whether this response may be followed by another attempt.
    pub fn allows(&self, response: &Response<Vec<u8>>) -> bool {
        let status = response.status();
        match self.retry {
            Retry::Unconnected => false,
            Retry::Unsent => status == StatusCode::TOO_MANY_REQUESTS,
            Retry::Transient => {
                !status.is_success() && (self.decode_error)(response).is_transient()
            }
        }
    }

    /// Whether another attempt may follow where no response came; `unsent` tells that the server
    /// cannot have seen the request.
    pub fn allows_after_loss(&self, unsent: bool) -> bool {
        unsent || self.retry == Retry::Transient
    }
}

/// Performs `operation` at `endpoint` through `transport`.
///
/// # Errors
/// Fails where the request cannot be written, no response is received, or the response is no
/// success. No error shows a secret of the request, although the server or a proxy may repeat it.
pub async fn call<O: Operation>(
    operation: &O,
    endpoint: &Uri,
    transport: &dyn Transport,
) -> Result<O::Output, CallError> {
    let mut request = operation.encode(endpoint)?;
    request.extensions_mut().insert(RetryRule::of(operation));
    let signature = signature(&request);
    let mask = || Mask::new(operation.secrets().into_iter().chain(&signature));
    let response = transport.send(request).await.map_err(|error| mask().transport(error))?;
    Ok(O::decode(&response).map_err(|error| mask().decode(error))?)
}

/// The signature of a signed request, with which anybody could send it again.
fn signature(request: &Request<Vec<u8>>) -> Option<Secret<String>> {
    let authorization = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    authorization.rsplit_once("Signature=").map(|(_, signature)| signature.into())
}

/// Reads the time at which the server answered, by its own clock.
fn date(response: &Response<Vec<u8>>) -> Option<Timestamp> {
    Timestamp::parse_http_date(response.headers().get(header::DATE)?.to_str().ok()?).ok()
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
    fn what_was_spent_is_sent_again_only_where_nothing_was_connected() {
        let response = |status: u16| Response::builder().status(status).body(Vec::new()).unwrap();
        let allowed = |retry| {
            let decode_error =
                |response: &Response<_>| ServiceError::new(response.status(), "Throttling", None);
            let rule = RetryRule { retry, decode_error };
            [429, 503, 400, 200].map(|status| rule.allows(&response(status)))
        };
        assert_eq!(allowed(Retry::Transient), [true, true, true, false]);
        assert_eq!(allowed(Retry::Unsent), [true, false, false, false]);
        assert_eq!(allowed(Retry::Unconnected), [false; 4]);
        let rule = RetryRule::by_status(Retry::Unconnected);
        assert_eq!([true, false].map(|unsent| rule.allows_after_loss(unsent)), [true, false]);
    }

    #[test]
    fn absent_members_are_left_out() {
        let endpoint = Uri::from_static("https://oidc.eu-west-1.amazonaws.com");
        let request =
            json_request(&endpoint, "/token", [("a", Some("x".into())), ("b", None)]).unwrap();
        assert_eq!(request.body(), br#"{"a":"x"}"#);
    }
}
