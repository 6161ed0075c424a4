//! The part of STS that is emulated: the actions that assume roles, and the one that tells whose
//! credentials a request is signed with.

mod assume_role;
mod assume_role_with_web_identity;
mod get_caller_identity;
mod parameters;
mod role_session;
mod sigv4;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use wire::Timestamp;

pub use self::role_session::RoleRequest;
use self::sigv4::Authorization;
use crate::credentials::{Credentials, Principal};
use crate::error::ServiceError;
use crate::form::Form;
use crate::idp::Idp;
use crate::reply;
use crate::route::Action;

const VERSION: &str = "2011-06-15";

impl Idp {
    pub(crate) fn sts(
        &mut self,
        now: Timestamp,
        action: Option<Action>,
        request: &Request<Vec<u8>>,
        request_id: &str,
    ) -> Result<Response<Vec<u8>>, ServiceError> {
        let form = Form::from_body(if is_form(request) { request.body() } else { b"" });
        let name = form.filled("Action").ok_or_else(|| {
            ServiceError::bad_request("MissingAction", "The request must contain an Action")
        })?;
        let version = form.get("Version").unwrap_or_default();
        let (Some(action), VERSION) = (action, version) else {
            let message = format!("Could not find operation {name} for version {version}");
            return Err(ServiceError::bad_request("InvalidAction", message));
        };
        let result = match action {
            Action::AssumeRole => {
                let caller = self.authenticated_caller(now, request)?.clone();
                self.assume_role(now, &caller, &form)?
            }
            Action::AssumeRoleWithWebIdentity => {
                assume_role_with_web_identity::refuse_signature(request)?;
                self.assume_role_with_web_identity(now, &form)?
            }
            Action::GetCallerIdentity => {
                get_caller_identity::result(self.authenticated_caller(now, request)?)
            }
        };
        let body = format!(
            "<{name}Response xmlns=\"https://sts.amazonaws.com/doc/{VERSION}/\">\n  \
             <{name}Result>{result}</{name}Result>\n  \
             <ResponseMetadata>\n    <RequestId>{request_id}</RequestId>\n  \
             </ResponseMetadata>\n</{name}Response>\n"
        );
        Ok(reply::xml(StatusCode::OK, body))
    }

    /// Finds the credentials that a request is signed with, and verifies that it is.
    fn authenticated_caller(
        &self,
        now: Timestamp,
        request: &Request<Vec<u8>>,
    ) -> Result<&Principal, ServiceError> {
        let refuse = |code, message| Err(ServiceError::new(StatusCode::FORBIDDEN, code, message));
        let Some(header) = request.headers().get(http::header::AUTHORIZATION) else {
            return refuse("MissingAuthenticationToken", "Request is missing Authentication Token");
        };
        let authorization = header.to_str().ok().and_then(Authorization::parse);
        let Some(authorization) = authorization else {
            let message = "Authorization header is malformed";
            return Err(ServiceError::bad_request("IncompleteSignature", message));
        };
        let token = request.headers().get("x-amz-security-token").map(HeaderValue::as_bytes);
        let credentials = self.keys.get(authorization.access_key_id).filter(|credentials| {
            token == credentials.session.as_ref().map(|session| session.token.as_bytes())
        });
        let Some(Credentials { principal, secret_access_key, session }) = credentials else {
            return Err(ServiceError::invalid_client_token_id());
        };
        if let Err(error) = authorization.verify(now, request, "sts", secret_access_key) {
            let message = error.to_string();
            return Err(ServiceError::new(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", message));
        }
        if session.as_ref().is_some_and(|session| now >= session.expires_at) {
            let message = "The security token included in the request is expired";
            return refuse("ExpiredToken", message);
        }
        Ok(principal)
    }
}

/// Whether the body is announced as what it has to be.
fn is_form(request: &Request<Vec<u8>>) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|content_type| content_type.split(';').next());
    media_type.is_some_and(|media_type| media_type.trim() == "application/x-www-form-urlencoded")
}
