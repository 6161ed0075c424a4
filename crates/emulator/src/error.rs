use std::borrow::Cow;

use http::{HeaderName, Response, StatusCode, Uri};
use serde_json::json;

use crate::markup::escape;
use crate::reply;
use crate::signin::page;

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Which service answers, for the form of its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Oidc,
    Portal,
    /// Its errors are pages for people: only their status says something.
    Signin,
    Sts,
}

/// An error of a service, before it is written in the form of that service.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServiceError {
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'static, str>,
    pub(crate) status: StatusCode,
}

impl ServiceError {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { code, message: message.into(), status }
    }

    /// An error with the status that most of them have.
    pub(crate) fn bad_request(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::bad_request("InvalidRequestException", message)
    }

    pub(crate) fn invalid_grant(message: &'static str) -> Self {
        Self::bad_request("InvalidGrantException", message)
    }

    pub(crate) fn invalid_client(message: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "InvalidClientException", message)
    }

    pub(crate) fn forbidden(service: Service) -> Self {
        let code = match service {
            Service::Sts => "AccessDenied",
            Service::Oidc | Service::Portal | Service::Signin => "ForbiddenException",
        };
        Self::new(StatusCode::FORBIDDEN, code, "No access")
    }

    /// The service fails, with a status from 500 on.
    pub(crate) fn failure(service: Service, status: StatusCode) -> Self {
        let code = match service {
            Service::Sts if status == StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailable",
            Service::Sts => "InternalFailure",
            Service::Oidc | Service::Portal | Service::Signin => "InternalServerException",
        };
        Self::new(status, code, "The service has failed on purpose")
    }

    /// The credentials that STS was called with are not those of anybody.
    pub(crate) fn invalid_client_token_id() -> Self {
        let message = "The security token included in the request is invalid.";
        Self::new(StatusCode::FORBIDDEN, "InvalidClientTokenId", message)
    }

    pub(crate) fn unauthorized() -> Self {
        let message = "Session token not found or invalid";
        Self::new(StatusCode::UNAUTHORIZED, "UnauthorizedException", message)
    }

    pub(crate) fn throttled(service: Service) -> Self {
        match service {
            Service::Sts => Self::bad_request("Throttling", "Rate exceeded"),
            Service::Oidc | Service::Portal | Service::Signin => {
                let message = "HTTP 429 Unknown Code";
                Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", message)
            }
        }
    }

    pub(crate) fn into_response(self, service: Service, request_id: &str) -> Response<Vec<u8>> {
        let Self { code, message, status } = self;
        let body = match service {
            Service::Oidc => json!({ "error": oauth_name(code), "error_description": message }),
            Service::Portal => {
                let shape = format!("com.amazonaws.switchboard.portal#{code}");
                json!({ "message": message, "__type": shape })
            }
            Service::Signin => return page::message(status, "That did not work", &message),
            Service::Sts => {
                return reply::xml(status, error_xml(code, &message, status, request_id));
            }
        };
        let mut response = reply::json(status, &body);
        reply::set(&mut response, ERROR_TYPE, code);
        response
    }
}

/// Answers a path that no service has, as AWS does.
pub(crate) fn not_found(uri: &Uri) -> Response<Vec<u8>> {
    let body = json!({ "message": format!("No operation has the path {}", uri.path()) });
    let mut response = reply::json(StatusCode::NOT_FOUND, &body);
    reply::set(&mut response, ERROR_TYPE, "UnknownOperationException");
    response
}

/// The name that OAuth has for an exception of AWS.
fn oauth_name(code: &str) -> String {
    if code == "InternalServerException" {
        return "server_error".to_owned();
    }
    let mut name = String::new();
    for character in code.trim_end_matches("Exception").chars() {
        if character.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(character.to_ascii_lowercase());
    }
    name
}

fn error_xml(code: &str, message: &str, status: StatusCode, request_id: &str) -> String {
    let side = if status.is_server_error() { "Receiver" } else { "Sender" };
    // XML has no way to write control characters, and messages may repeat what was sent.
    let message = escape(&message.replace(char::is_control, " "));
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    \
         <Type>{side}</Type>\n    <Code>{code}</Code>\n    <Message>{message}</Message>\n  \
         </Error>\n  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_its_own_form() {
        let check = |service, body: &str| {
            let response = ServiceError::unauthorized().into_response(service, "id");
            assert_eq!(response.status(), 401);
            assert_eq!(String::from_utf8_lossy(response.body()), body);
        };
        check(
            Service::Portal,
            "{\"__type\":\"com.amazonaws.switchboard.portal#UnauthorizedException\",\
             \"message\":\"Session token not found or invalid\"}",
        );
        check(
            Service::Oidc,
            "{\"error\":\"unauthorized\",\
             \"error_description\":\"Session token not found or invalid\"}",
        );
    }

    #[test]
    fn oauth_names_are_those_of_the_specification() {
        for (code, name) in [
            ("AuthorizationPendingException", "authorization_pending"),
            ("InternalServerException", "server_error"),
            ("InvalidRedirectUriException", "invalid_redirect_uri"),
            ("SlowDownException", "slow_down"),
            ("UnsupportedGrantTypeException", "unsupported_grant_type"),
        ] {
            assert_eq!(oauth_name(code), name);
        }
    }
}
