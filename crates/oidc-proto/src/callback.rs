use subtle::ConstantTimeEq;
use wire::Secret;

use crate::CALLBACK_PATH;

/// The code that the callback brought.
pub type AuthorizationCode = Secret<String>;

/// A request to the loopback listener that brings no code.
///
/// Only [`CallbackError::Refused`] ends a login: everything else can come from another program on
/// this machine or from a page in the browser, and must neither complete nor abort it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// The request line or its query cannot be read: 400.
    #[error("the request is malformed")]
    Malformed,
    /// Another method than GET: 405.
    #[error("the callback is a GET")]
    Method,
    /// Another path, such as `/favicon.ico`: 404.
    #[error("not the callback")]
    Path,
    /// The sign-in was refused, with the right state.
    #[error("{error}{}", description.as_deref().map(|text| format!(": {text}")).unwrap_or_default())]
    #[non_exhaustive]
    Refused {
        /// The OAuth `error`, such as `access_denied`.
        error: String,
        /// The `error_description`, shortened and without control characters.
        description: Option<String>,
    },
    /// The state is missing or not ours: 400.
    #[error("the state is not the one of this sign-in")]
    State,
}

/// Reads the request line of a callback, such as `GET /oauth/callback?code=…&state=… HTTP/1.1`.
///
/// The state is compared in constant time and before anything else of the query is believed.
///
/// # Errors
/// Returns why the request brings no code.
pub fn parse_callback(
    request_line: &str,
    expected_state: &Secret<String>,
) -> Result<AuthorizationCode, CallbackError> {
    let mut words = request_line.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(CallbackError::Malformed);
    };
    if !version.starts_with("HTTP/1.") {
        return Err(CallbackError::Malformed);
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != CALLBACK_PATH {
        return Err(CallbackError::Path);
    }
    if method != "GET" {
        return Err(CallbackError::Method);
    }
    let only = |name: &str| -> Result<Option<String>, CallbackError> {
        let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
        let first = values.next().map(|(_, value)| value.into_owned());
        // A parameter that comes twice was put there by somebody else.
        if values.next().is_some() { Err(CallbackError::Malformed) } else { Ok(first) }
    };
    let state = only("state")?.unwrap_or_default();
    if !bool::from(state.as_bytes().ct_eq(expected_state.expose().as_bytes())) {
        return Err(CallbackError::State);
    }
    if let Some(error) = only("error")? {
        let description = only("error_description")?.map(|text| printable(&text));
        return Err(CallbackError::Refused { error: printable(&error), description });
    }
    only("code")?.filter(|code| !code.is_empty()).map(Secret::new).ok_or(CallbackError::Malformed)
}

fn printable(text: &str) -> String {
    wire::printable(&text.chars().take(300).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<String, CallbackError> {
        parse_callback(line, &Secret::from("s1")).map(|code| code.expose().clone())
    }

    #[test]
    fn the_callback_brings_the_code() {
        let line = "GET /oauth/callback?code=a%2Bb&state=s1 HTTP/1.1";
        assert_eq!(parse(line).as_deref(), Ok("a+b"));
    }

    #[test]
    fn strangers_neither_complete_nor_abort_it() {
        for (line, error) in [
            ("GET /favicon.ico HTTP/1.1", CallbackError::Path),
            ("GET / HTTP/1.1", CallbackError::Path),
            ("GET /oauth/callback/?code=a&state=s1 HTTP/1.1", CallbackError::Path),
            ("POST /oauth/callback?code=a&state=s1 HTTP/1.1", CallbackError::Method),
            ("GET /oauth/callback?code=a&state=s2 HTTP/1.1", CallbackError::State),
            ("GET /oauth/callback?code=a HTTP/1.1", CallbackError::State),
            ("GET /oauth/callback?error=access_denied&state=x HTTP/1.1", CallbackError::State),
            ("GET /oauth/callback?code=a&code=b&state=s1 HTTP/1.1", CallbackError::Malformed),
            ("GET /oauth/callback?state=s1 HTTP/1.1", CallbackError::Malformed),
            ("GET /oauth/callback?code=a&state=s1", CallbackError::Malformed),
            ("", CallbackError::Malformed),
        ] {
            assert_eq!(parse(line), Err(error), "{line}");
        }
    }

    #[test]
    fn a_refusal_with_our_state_tells_why() {
        let line = "GET /oauth/callback?error=access_denied&error_description=No%0Athanks&state=s1 \
                    HTTP/1.1";
        assert_eq!(parse(line).unwrap_err().to_string(), "access_denied: No thanks");
    }
}
