use http::{Request, Response, Uri};
use wire::{DecodeError, EncodeError, Operation, Retry, Secret, ServiceError, Timestamp};

use crate::query::Query;
use crate::{SigningKeys, xml};

/// Tells whose credentials they are. No policy can deny it, so it is the probe for whether
/// credentials are valid.
///
/// Errors: `ExpiredToken`, `InvalidClientTokenId`, `SignatureDoesNotMatch` (403).
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the action has no members of its own")]
pub struct GetCallerIdentity<'a> {
    /// The credentials.
    pub keys: SigningKeys<'a>,
    /// The region of the endpoint.
    pub region: &'a str,
    /// The time of the signature; the service accepts 15 minutes of difference.
    pub now: Timestamp,
}

/// Whose credentials they are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallerIdentity {
    /// `Account`
    pub account: String,
    /// `Arn`
    pub arn: String,
    /// `UserId`
    pub user_id: String,
}

impl Operation for GetCallerIdentity<'_> {
    type Output = CallerIdentity;

    fn retry(&self) -> Retry {
        Retry::Transient
    }

    fn secrets(&self) -> Vec<&Secret<String>> {
        self.keys.session_token.into_iter().collect()
    }

    fn encode(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
        let mut request = Query::new("GetCallerIdentity").request(endpoint)?;
        crate::sign(&mut request, self.keys, "sts", self.region, self.now)?;
        Ok(request)
    }

    fn decode_success(response: &Response<Vec<u8>>) -> Result<CallerIdentity, DecodeError> {
        xml::members(response, "GetCallerIdentityResult", |result| {
            Ok(CallerIdentity {
                account: result.required("Account")?,
                arn: result.required("Arn")?,
                user_id: result.required("UserId")?,
            })
        })
    }

    fn decode_error(response: &Response<Vec<u8>>) -> ServiceError {
        xml::error(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_read_whatever_its_namespace() {
        for namespace in ["", r#" xmlns="https://sts.amazonaws.com/doc/2011-06-15/""#] {
            let body = format!(
                "<GetCallerIdentityResponse{namespace}><GetCallerIdentityResult><Arn>arn:aws:sts::1\
                 :assumed-role/R/me</Arn><UserId>AROA:me</UserId><Account>1</Account>\
                 </GetCallerIdentityResult></GetCallerIdentityResponse>"
            );
            let identity = GetCallerIdentity::decode(&Response::new(body.into_bytes())).unwrap();
            assert_eq!(identity.arn, "arn:aws:sts::1:assumed-role/R/me");
            assert_eq!((identity.account.as_str(), identity.user_id.as_str()), ("1", "AROA:me"));
        }
    }

    #[test]
    fn an_error_in_a_success_is_no_identity() {
        let body = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>";
        let error = GetCallerIdentity::decode(&Response::new(body.into())).unwrap_err();
        assert!(matches!(error, DecodeError::MissingField("GetCallerIdentityResult")));
    }
}
