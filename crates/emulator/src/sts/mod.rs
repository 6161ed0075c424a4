//! The part of STS that is emulated: the actions that assume roles, and the one that tells whose
//! credentials a request is signed with.

mod assume_role;
mod assume_role_with_web_identity;
mod caller;
mod get_caller_identity;
mod mfa_codes;
mod parameters;
mod role_request;
mod role_session;
mod sigv4;

use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use wire::Timestamp;

use self::assume_role::assume_role;
use self::assume_role_with_web_identity::{assume_role_with_web_identity, refuse_signature};
use self::caller::authenticated_caller;
use self::mfa_codes::MfaCodes;
pub use self::role_request::RoleRequest;
use crate::credentials::Keys;
use crate::error::ServiceError;
use crate::form::Form;
use crate::instance::Instance;
use crate::reply;
use crate::route::Action;

const VERSION: &str = "2011-06-15";

/// The service, with what it remembers.
pub(crate) struct Sts {
    pub(crate) keys: Keys,
    mfa_codes: MfaCodes,
}

impl Sts {
    pub(crate) fn new(keys: Keys) -> Self {
        Self { keys, mfa_codes: MfaCodes::default() }
    }

    /// Answers a request.
    pub(crate) fn answer(
        &mut self,
        now: Timestamp,
        instance: &mut Instance,
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
        let Self { keys, mfa_codes } = self;
        let result = match action {
            Action::AssumeRole => {
                let caller = authenticated_caller(keys, now, request)?.clone();
                assume_role(now, instance, keys, mfa_codes, &caller, &form)?
            }
            Action::AssumeRoleWithWebIdentity => {
                refuse_signature(request)?;
                assume_role_with_web_identity(now, instance, keys, &form)?
            }
            Action::GetCallerIdentity => {
                get_caller_identity::result(authenticated_caller(keys, now, request)?)
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
}

/// Whether the body is announced as what it has to be.
fn is_form(request: &Request<Vec<u8>>) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|content_type| content_type.split(';').next());
    media_type.is_some_and(|media_type| media_type.trim() == "application/x-www-form-urlencoded")
}
