use http::StatusCode;

use crate::{Members, Timestamp, TransportError};

/// A request could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A required member is empty or cannot be sent.
    #[error("{0} cannot be sent as it is")]
    Member(&'static str),
    /// The URL could not be built.
    #[error("the endpoint does not make a URL")]
    Uri(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A response was received and is no success.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The status is a success, the body is not what the action answers.
    #[error("the answer (HTTP {status}) is not the expected document")]
    Body {
        /// The HTTP status.
        status: u16,
        /// What the parser met.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A list has more pages than any real one.
    #[error("the service sends pages without end")]
    EndlessPages,
    /// A member of the answer is there and cannot be used: it is of another type than the action
    /// answers, or out of range.
    #[error("the member {0} of the answer cannot be used")]
    InvalidField(&'static str),
    /// The answer lacks a member without which it is of no use, or has it empty or `null`.
    #[error("the answer lacks the member {0}")]
    MissingField(&'static str),
    /// The service names the page that was just read as the next one.
    #[error("the service repeats a page")]
    RepeatedPage,
    /// The service reports an error.
    #[error(transparent)]
    Service(Box<ServiceError>),
}

/// An operation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The response is no success.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The request could not be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// No response was received.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl CallError {
    /// Returns the error that the service reported, if it was one.
    pub fn service(&self) -> Option<&ServiceError> {
        match self {
            Self::Decode(DecodeError::Service(error)) => Some(error),
            _ => None,
        }
    }

    /// Whether the same call may succeed later: no answer or none of the service, and what
    /// [`ServiceError::is_transient`] says.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transport(_) | Self::Decode(DecodeError::Body { .. }) => true,
            Self::Decode(DecodeError::Service(error)) => error.is_transient(),
            _ => false,
        }
    }

    /// Whether the service had no time for the call; see [`ServiceError::is_throttled`].
    pub fn is_throttled(&self) -> bool {
        self.service().is_some_and(ServiceError::is_throttled)
    }
}

/// An error that the service reported.
///
/// Its message may repeat parts of the request, so it is for people, not for logs that are shared;
/// [`crate::call`] hides the secrets among them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code} (HTTP {status}){}", shown(self.message.as_deref()))]
#[non_exhaustive]
pub struct ServiceError {
    /// The error code without namespace, such as `UnauthorizedException`; the OAuth `error` where
    /// the service or a proxy sent no other code; the HTTP status where there is none at all.
    pub code: String,
    /// When the service answered, by its clock.
    pub date: Option<Timestamp>,
    /// The OAuth `error` of an OIDC error, such as `authorization_pending`.
    pub error: Option<String>,
    /// The text for people, shortened, with [hidden characters](crate::is_hidden) escaped.
    pub message: Option<String>,
    /// The `reason` that some OIDC errors carry.
    pub reason: Option<String>,
    /// The id to give to AWS support.
    pub request_id: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// What comes of another attempt; whoever reads the error knows it.
    kind: Kind,
}

/// What comes of another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The same error.
    Final,
    /// Success, after a longer wait.
    Throttled,
    /// Success, maybe.
    Transient,
}

impl Kind {
    fn of(status: StatusCode, code: &str) -> Self {
        const THROTTLING: [&str; 4] = [
            "RequestLimitExceeded",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
        ];
        let is_throttling =
            THROTTLING.iter().any(|throttling| code.eq_ignore_ascii_case(throttling));
        match status.as_u16() {
            429 => Self::Throttled,
            _ if is_throttling => Self::Throttled,
            500 | 502 | 503 | 504 => Self::Transient,
            _ => Self::Final,
        }
    }
}

fn shown(message: Option<&str>) -> String {
    message.map(|message| format!(": {message}")).unwrap_or_default()
}

/// The longest message that is kept, in characters.
const MESSAGE_LIMIT: usize = 500;

impl ServiceError {
    /// Makes an error from its parts; the text is shortened, and hidden characters are escaped.
    ///
    /// Throttled are 429 and the codes by which AWS services throttle with 400; transient, too, are
    /// 500, 502, 503 and 504.
    pub fn new(status: StatusCode, code: &str, message: Option<&str>) -> Self {
        Self {
            code: shortened(code),
            date: None,
            error: None,
            message: message.map(shortened).filter(|message| !message.is_empty()),
            reason: None,
            request_id: None,
            status: status.as_u16(),
            kind: Kind::of(status, code),
        }
    }

    /// Reads the error of a restJson service: the code from the header `x-amzn-errortype`, else the
    /// members `code`, `__type`, `error`, else the status; the text from `message`,
    /// `error_description` or, where it is not the code, `error`. Names are matched without regard
    /// to case; the code loses its namespace (`…#`) and its origin (`:…`).
    pub fn from_rest_json(response: &http::Response<Vec<u8>>) -> Self {
        let header = |name| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::trim)
        };
        let mut members = Members::from_slice(response.body()).unwrap_or_default();
        let error = members.take_text("error");
        let named = header("x-amzn-errortype")
            .filter(|code| !code.is_empty())
            .map(str::to_owned)
            .or_else(|| members.take_text("code"))
            .or_else(|| members.take_text("__type"));
        let code = named.as_deref().map(bare_code).filter(|code| !code.is_empty());
        let status = response.status();
        let code = code.map(str::to_owned).or_else(|| error.clone());
        let message = members
            .take_text("message")
            .or_else(|| members.take_text("error_description"))
            .or_else(|| error.clone().filter(|error| code.as_ref() != Some(error)));
        Self {
            error: error.as_deref().map(shortened),
            reason: members.take_text("reason").as_deref().map(shortened),
            request_id: header("x-amzn-requestid").map(shortened),
            ..Self::new(
                status,
                code.as_deref().unwrap_or(status.as_str()),
                message.as_deref().or_else(|| status.canonical_reason()),
            )
        }
    }

    /// Marks an error that may pass although neither its status nor its code says so, as
    /// [`Operation::decode_error`](crate::Operation::decode_error) does where the action has one.
    #[must_use]
    pub fn into_transient(self) -> Self {
        let kind = if self.kind == Kind::Final { Kind::Transient } else { self.kind };
        Self { kind, ..self }
    }

    /// Whether the service had no time for the request: it is to come less often.
    pub fn is_throttled(&self) -> bool {
        self.kind == Kind::Throttled
    }

    /// Whether the same request may succeed later; what is throttled may, too.
    pub fn is_transient(&self) -> bool {
        self.kind != Kind::Final
    }

    /// Whether the code is `code`, without regard to case.
    pub fn is(&self, code: &str) -> bool {
        self.code.eq_ignore_ascii_case(code)
    }
}

fn bare_code(code: &str) -> &str {
    let code = code.split_once(':').map_or(code, |(code, _)| code);
    code.rsplit_once('#').map_or(code, |(_, code)| code).trim()
}

/// Shortens a text and escapes what is not seen in it.
fn shortened(text: &str) -> String {
    let begin: String = text.trim().chars().take(MESSAGE_LIMIT).collect();
    crate::printable(&begin).chars().take(MESSAGE_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, header: Option<&str>, body: &str) -> ServiceError {
        let mut response = http::Response::builder().status(status);
        if let Some(code) = header {
            response = response.header("x-amzn-errortype", code);
        }
        ServiceError::from_rest_json(&response.body(body.as_bytes().to_vec()).unwrap())
    }

    #[test]
    fn the_code_loses_namespace_and_origin() {
        let body = r#"{"__type":"com.amazonaws.switchboard.portal#TooManyRequestsException"}"#;
        assert_eq!(error(429, None, body).code, "TooManyRequestsException");
        let header = "SlowDownException:http://internal.amazon.com/coral/x/";
        assert_eq!(error(400, Some(header), "{}").code, "SlowDownException");
    }

    #[test]
    fn the_oauth_error_stands_in_for_a_missing_code() {
        let error = error(400, None, r#"{"error":"slow_down","error_description":"later"}"#);
        assert_eq!((error.code.as_str(), error.message.as_deref()), ("slow_down", Some("later")));
        assert_eq!(error.error.as_deref(), Some("slow_down"));
        assert!(error.is("SLOW_DOWN") && !error.is("slow"));
    }

    #[test]
    fn an_error_keeps_what_the_service_says_of_it() {
        let body = r#"{"error":"invalid_request","reason":"PKCE"}"#;
        let response = http::Response::builder().status(400).header("x-amzn-requestid", "id-1");
        let response = response.header("x-amzn-errortype", "InvalidRequestException");
        let error = ServiceError::from_rest_json(&response.body(body.into()).unwrap());
        assert_eq!(error.reason.as_deref(), Some("PKCE"));
        assert_eq!(error.request_id.as_deref(), Some("id-1"));
        assert_eq!(
            error.to_string(),
            "InvalidRequestException (HTTP 400): invalid_request",
            "the OAuth error is the text where it is not the code"
        );
    }

    #[test]
    fn the_oauth_error_is_not_said_twice() {
        let error = error(400, None, r#"{"error":"slow_down"}"#);
        assert_eq!(error.to_string(), "slow_down (HTTP 400): Bad Request");
    }

    #[test]
    fn a_body_that_is_no_json_is_not_shown() {
        let error = error(502, None, "<html>secret of the proxy</html>");
        assert_eq!(error.to_string(), "502 (HTTP 502): Bad Gateway");
    }

    #[test]
    fn what_passes_is_known_by_status_or_code() {
        let known = |status, code| {
            let error = error(status, code, "{}");
            (error.is_transient(), error.is_throttled())
        };
        for status in [400, 401, 403, 404, 501, 505] {
            assert_eq!(known(status, Some("InvalidRequestException")), (false, false), "{status}");
        }
        for status in [500, 502, 503, 504] {
            assert_eq!(known(status, None), (true, false), "{status}");
        }
        assert_eq!(known(429, None), (true, true));
        for code in ["Throttling", "ThrottlingException:http://x", "requestlimitexceeded"] {
            assert_eq!(known(400, Some(code)), (true, true), "{code}");
        }
        let refused = error(400, None, "{}").into_transient();
        assert!(refused.is_transient() && !refused.is_throttled());
        assert!(error(429, None, "{}").into_transient().is_throttled());
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        let error = error(400, Some("Bad"), r#"{"message":"a\u001b[2Jb\n"}"#);
        assert_eq!(error.message.as_deref(), Some("a\\u{1b}[2Jb"));
    }
}
