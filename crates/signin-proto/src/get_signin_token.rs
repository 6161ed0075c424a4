use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use wire::{
    DecodeError, EncodeError, Members, Operation, Retry, Secret, ServiceError, percent_encode,
};

/// The shortest session of the console, in seconds.
pub const MIN_SESSION_DURATION: u32 = 900;

/// The longest session of the console, in seconds.
pub const MAX_SESSION_DURATION: u32 = 43_200;

/// Trades the credentials of a role for a token that opens the console, once and within 15 minutes.
///
/// The service answers errors as pages for people: only their status says something. 400 is a
/// `SessionDuration` that these credentials cannot have, or keys of an IAM user.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the members of an API that has not changed since 2013"
)]
pub struct GetSigninToken<'a> {
    /// The access key id of the role's session.
    pub access_key_id: &'a str,
    /// The secret access key.
    pub secret_access_key: &'a Secret<String>,
    /// The session token.
    pub session_token: &'a Secret<String>,
    /// How long the session of the console lasts, in seconds; absent: as long as the credentials.
    pub session_duration: Option<u32>,
    /// Whether the members stand in the URL. Proxies write URLs into logs: this is only for a server
    /// that takes no form.
    pub is_get: bool,
}

impl GetSigninToken<'_> {
    fn form(&self) -> Secret<String> {
        let session = serde_json::json!({
            "sessionId": self.access_key_id,
            "sessionKey": self.secret_access_key.expose(),
            "sessionToken": self.session_token.expose(),
        });
        let session = Secret::new(session.to_string());
        let session = Secret::new(percent_encode(session.expose()));
        let duration = self.session_duration.map(|seconds| format!("&SessionDuration={seconds}"));
        let duration = duration.unwrap_or_default();
        let before = "Action=getSigninToken&Session=";
        let length = before.len() + session.expose().len() + duration.len();
        let mut form = String::with_capacity(length);
        for part in [before, session.expose(), &duration] {
            form.push_str(part);
        }
        Secret::new(form)
    }
}

impl Operation for GetSigninToken<'_> {
    type Output = Secret<String>;

    fn retry(&self) -> Retry {
        Retry::Transient
    }

    fn secrets(&self) -> Vec<&Secret<String>> {
        vec![self.secret_access_key, self.session_token]
    }

    fn encode(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
        let form = self.form();
        let mut request = Request::default();
        *request.uri_mut() = wire::uri(endpoint, "/federation", &[])?;
        if self.is_get {
            let target = format!("{}?{}", request.uri(), form.expose());
            *request.uri_mut() = target.parse().map_err(|_| EncodeError::Member("Session"))?;
            return Ok(request);
        }
        *request.method_mut() = Method::POST;
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(header::CONTENT_TYPE, form_type);
        *request.body_mut() = form.expose().clone().into_bytes();
        Ok(request)
    }

    fn decode_success(response: &Response<Vec<u8>>) -> Result<Secret<String>, DecodeError> {
        Members::of(response)?.required("SigninToken", Members::take_secret)
    }

    fn decode_error(response: &Response<Vec<u8>>) -> ServiceError {
        let status = response.status();
        let code = match status {
            StatusCode::BAD_REQUEST => "InvalidRequest",
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_FOUND => "NotAllowed",
            _ => status.canonical_reason().unwrap_or("Unknown"),
        };
        ServiceError::new(status, code, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDPOINT: &str = "https://us-east-1.signin.aws.amazon.com";

    fn request(is_get: bool, session_duration: Option<u32>) -> Request<Vec<u8>> {
        let (secret_access_key, session_token) = (Secret::from("s+/\"x"), Secret::from("t&="));
        let operation = GetSigninToken {
            access_key_id: "ASIAEXAMPLE",
            secret_access_key: &secret_access_key,
            session_token: &session_token,
            session_duration,
            is_get,
        };
        operation.encode(&Uri::from_static(ENDPOINT)).unwrap()
    }

    const SESSION: &str = "Session=%7B%22sessionId%22%3A%22ASIAEXAMPLE%22%2C%22sessionKey%22%3A%22\
                           s%2B%2F%5C%22x%22%2C%22sessionToken%22%3A%22t%26%3D%22%7D";

    #[test]
    fn secrets_travel_in_the_body() {
        let request = request(false, Some(28_800));
        assert_eq!(request.uri(), "https://us-east-1.signin.aws.amazon.com/federation");
        assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
        let body = format!("Action=getSigninToken&{SESSION}&SessionDuration=28800");
        assert_eq!(str::from_utf8(request.body()), Ok(&*body));
    }

    #[test]
    fn a_server_that_takes_no_form_gets_a_query() {
        let request = request(true, None);
        assert_eq!(request.uri().query(), Some(&*format!("Action=getSigninToken&{SESSION}")));
        assert_eq!((request.method(), request.body().len()), (&Method::GET, 0));
    }

    #[test]
    fn the_token_is_a_secret_and_a_page_is_an_error() {
        let answer = |status: u16, body: &str| {
            let response = Response::builder().status(status).body(body.as_bytes().to_vec());
            GetSigninToken::decode(&response.unwrap())
        };
        assert_eq!(answer(200, r#"{"SigninToken":"abc"}"#).unwrap().expose(), "abc");
        let error = answer(400, "<html>hunter2</html>").unwrap_err();
        let DecodeError::Service(error) = error else { panic!("{error:?}") };
        assert_eq!((error.status, &*error.code, error.message), (400, "InvalidRequest", None));
        assert!(answer(200, "{}").is_err());
    }
}
