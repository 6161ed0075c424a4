use http::header::AUTHORIZATION;
use http::{HeaderName, Request, StatusCode};
use wire::Timestamp;

use super::parameters::{Parameters, Rule, invalid};
use super::role_session::{Wanted, access_denied, open_role_session};
use crate::credentials::{Keys, Principal};
use crate::error::ServiceError;
use crate::form::Form;
use crate::iam::IamRole;
use crate::instance::Instance;
use crate::markup::escape;

const PROVIDER_ID: Rule = Rule { allows: |_| true, length: 4..=2048, pattern: "" };
const WEB_IDENTITY_TOKEN: Rule = Rule { allows: |_| true, length: 4..=20_000, pattern: "" };

/// The issuer that every token is said to be from.
const ISSUER: &str = "https://issuer.example.com";

/// Assumes a role for whoever has the token.
pub(super) fn assume_role_with_web_identity(
    now: Timestamp,
    instance: &mut Instance,
    keys: &mut Keys,
    form: &Form,
) -> Result<String, ServiceError> {
    let mut parameters = Parameters::new(form);
    let wanted = Wanted::read(&mut parameters, 2048);
    let token = parameters.required("WebIdentityToken", &WEB_IDENTITY_TOKEN);
    let provider = parameters.optional("ProviderId", &PROVIDER_ID).unwrap_or(ISSUER);
    parameters.finish()?;
    let arn = wanted.role_arn()?;
    check_token(token)?;
    let accepts = |role: &IamRole| {
        let accepted = role.web_identity.as_ref();
        accepted.is_none_or(|tokens| tokens.iter().any(|known| known.expose() == token))
    };
    let Some(role) = instance.scenario.iam_role(arn.arn).filter(accepts) else {
        let message = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
        return Err(access_denied(message));
    };
    let duration = wanted.duration(&role, None)?;
    let principal = Principal { source_identity: role.source_identity, ..wanted.principal(&arn) };
    let session =
        open_role_session(&mut instance.random, keys, now, principal, duration, wanted.packed)?;
    let provider = escape(provider);
    Ok(format!(
        "{session}<SubjectFromWebIdentityToken>subject</SubjectFromWebIdentityToken>\
         <Audience>sts.amazonaws.com</Audience><Provider>{provider}</Provider>"
    ))
}

/// Refuses a request that bears anything of a signature, whatever AWS may do with it: clients must
/// not sign here, for they may have no credentials yet, or those of somebody else.
pub(super) fn refuse_signature(request: &Request<Vec<u8>>) -> Result<(), ServiceError> {
    let date = HeaderName::from_static("x-amz-date");
    let token = HeaderName::from_static("x-amz-security-token");
    match [AUTHORIZATION, date, token].iter().find(|name| request.headers().contains_key(*name)) {
        None => Ok(()),
        Some(name) => {
            let message = format!("AssumeRoleWithWebIdentity is not signed, but {name} was sent");
            Err(invalid(message))
        }
    }
}

/// Refuses the tokens whose text says that they are bad, and what cannot be a token.
fn check_token(token: &str) -> Result<(), ServiceError> {
    match token {
        "expired" => {
            let message =
                "Token expired: current date/time must be before the expiration date/time";
            Err(ServiceError::bad_request("ExpiredTokenException", message))
        }
        "rejected" => {
            let message = "The identity provider has rejected the claim";
            Err(ServiceError::new(StatusCode::FORBIDDEN, "IDPRejectedClaim", message))
        }
        _ if token == "invalid" || token.contains(char::is_whitespace) => {
            let message = "The ID Token provided is not a valid JWT. \
                           (You may see this error if you sent an Access Token)";
            Err(ServiceError::bad_request("InvalidIdentityToken", message))
        }
        _ => Ok(()),
    }
}
