//! The part of STS that is emulated: signed requests with the credentials of a role.

mod get_caller_identity;
mod sigv4;

use http::{Request, Response, StatusCode};
use wire::Timestamp;

use self::sigv4::Authorization;
use crate::error::ServiceError;
use crate::form::Form;
use crate::idp::Idp;
use crate::portal::RoleCredentials;
use crate::reply;
use crate::route::Action;

const VERSION: &str = "2011-06-15";

impl Idp {
    pub(crate) fn sts(
        &self,
        now: Timestamp,
        action: Option<Action>,
        request: &Request<Vec<u8>>,
        request_id: &str,
    ) -> Result<Response<Vec<u8>>, ServiceError> {
        let form = Form::from_body(request.body());
        let name = form.filled("Action").ok_or_else(|| {
            ServiceError::bad_request("MissingAction", "The request must contain an Action")
        })?;
        let version = form.get("Version").unwrap_or_default();
        let (Some(action), VERSION) = (action, version) else {
            let message = format!("Could not find operation {name} for version {version}");
            return Err(ServiceError::bad_request("InvalidAction", message));
        };
        let caller = self.authenticated_caller(now, request)?;
        let result = match action {
            Action::GetCallerIdentity => get_caller_identity::result(caller, &self.scenario.region),
        };
        let body = format!(
            "<{name}Response xmlns=\"https://sts.amazonaws.com/doc/{VERSION}/\">\n{result}  \
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
    ) -> Result<&RoleCredentials, ServiceError> {
        let refuse = |code, message| Err(ServiceError::new(StatusCode::FORBIDDEN, code, message));
        let Some(header) = request.headers().get(http::header::AUTHORIZATION) else {
            return refuse("MissingAuthenticationToken", "Request is missing Authentication Token");
        };
        let authorization = header.to_str().ok().and_then(Authorization::parse);
        let Some(authorization) = authorization else {
            let message = "Authorization header is malformed";
            return Err(ServiceError::bad_request("IncompleteSignature", message));
        };
        let token = request.headers().get("x-amz-security-token");
        let Some(credentials) = self.keys.get(authorization.access_key_id).filter(|credentials| {
            token.is_some_and(|token| token == credentials.session_token.as_str())
        }) else {
            let message = "The security token included in the request is invalid.";
            return refuse("InvalidClientTokenId", message);
        };
        if let Err(error) =
            authorization.verify(now, request, "sts", &credentials.secret_access_key)
        {
            let message = error.to_string();
            return Err(ServiceError::new(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", message));
        }
        if now >= credentials.expires_at {
            let message = "The security token included in the request is expired";
            return refuse("ExpiredToken", message);
        }
        Ok(credentials)
    }
}
