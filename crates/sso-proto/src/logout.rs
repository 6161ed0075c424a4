use http::{HeaderValue, Method, Request, Response, Uri, header};
use wire::{DecodeError, EncodeError, Operation, Retry, Secret};

/// Ends the session of the user at the service; role credentials that were issued live on.
///
/// Errors: `InvalidRequestException` (400), `UnauthorizedException` (401),
/// `TooManyRequestsException` (429).
///
/// <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_Logout.html>
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the members of a 2019 API, built by literal")]
pub struct Logout<'a> {
    /// The access token whose session ends.
    pub access_token: &'a Secret<String>,
}

impl Operation for Logout<'_> {
    type Output = ();

    fn retry(&self) -> Retry {
        Retry::Transient
    }

    fn secrets(&self) -> Vec<&Secret<String>> {
        vec![self.access_token]
    }

    fn encode(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
        let uri = wire::uri(endpoint, "/logout", &[])?;
        let mut request = crate::bearer_request(Method::POST, uri, self.access_token)?;
        request.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        Ok(request)
    }

    fn decode_success(_: &Response<Vec<u8>>) -> Result<(), DecodeError> {
        Ok(())
    }
}
