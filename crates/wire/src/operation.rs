use http::{Request, Response, Uri, header};

use crate::{DecodeError, EncodeError, Retry, Secret, ServiceError, Timestamp, percent_encode};

/// The largest response body that is read, in bytes. The largest real answer, a page of 100
/// accounts, has about 30 KB.
pub const MAX_BODY: usize = 1 << 20;

/// One AWS action, named like the action; its fields are the request members.
pub trait Operation {
    /// What the action answers.
    type Output;

    /// How the request may be repeated.
    fn retry(&self) -> Retry;

    /// Returns what the request carries that must not be shown: [`call`](crate::call) hides it in the errors
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

    /// Reads a response with any other status; what passes although neither its status nor its code
    /// says so is marked by [`ServiceError::into_transient`].
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

/// Reads the time at which the server answered, by its own clock.
pub(crate) fn date(response: &Response<Vec<u8>>) -> Option<Timestamp> {
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
        .map_err(|error| EncodeError::Uri(error.into()))
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
    fn an_error_says_when_the_server_answered() {
        struct Refused;
        impl Operation for Refused {
            type Output = ();

            fn retry(&self) -> Retry {
                Retry::Unsent
            }

            fn secrets(&self) -> Vec<&Secret<String>> {
                Vec::new()
            }

            fn encode(&self, _: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
                Ok(Request::default())
            }

            fn decode_success(_: &Response<Vec<u8>>) -> Result<(), DecodeError> {
                Ok(())
            }
        }
        let response = Response::builder().status(403);
        let response = response.header(header::DATE, "Fri, 02 Jan 2026 03:04:05 GMT");
        let error = Refused::decode(&response.body(Vec::new()).unwrap()).unwrap_err();
        let DecodeError::Service(error) = error else { panic!("{error:?}") };
        assert_eq!(error.date, Some(Timestamp::parse("2026-01-02T03:04:05Z").unwrap()));
    }
}
