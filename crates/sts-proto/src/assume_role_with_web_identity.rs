use http::{Request, Response, Uri};
use wire::{DecodeError, EncodeError, Operation, Retry, Secret, ServiceError, SessionCredentials};

use crate::query::Query;
use crate::{AssumedRoleUser, role, xml};

/// Trades the token of an identity provider for the credentials of a role. It is not signed.
///
/// Errors: `ExpiredTokenException` (the web identity token), `InvalidIdentityToken`,
/// `IDPCommunicationError` (400), `IDPRejectedClaim` (403), and those of
/// [`AssumeRole`](crate::AssumeRole). `IDPCommunicationError` and `InvalidIdentityToken` pass, as
/// botocore, Rust and Go have it between them.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AssumeRoleWithWebIdentity<'a> {
    /// `RoleArn`
    pub role_arn: &'a str,
    /// `RoleSessionName`, 2 to 64 of `[\w+=,.@-]`.
    pub role_session_name: &'a str,
    /// `WebIdentityToken`
    pub web_identity_token: &'a Secret<String>,
    /// `DurationSeconds`, 900 to 43200; an hour where it is absent.
    pub duration_seconds: Option<u32>,
    /// `Policy`, a document that narrows the session.
    pub policy: Option<&'a str>,
    /// `PolicyArns`
    pub policy_arns: &'a [&'a str],
    /// `ProviderId`, for OAuth 2.0 access tokens alone.
    pub provider_id: Option<&'a str>,
}

/// What AssumeRoleWithWebIdentity answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebIdentityRole {
    /// `Credentials`
    pub credentials: SessionCredentials,
    /// `AssumedRoleUser`
    pub assumed_role_user: Option<AssumedRoleUser>,
    /// `Audience`
    pub audience: Option<String>,
    /// `PackedPolicySize`, in percent of what is allowed.
    pub packed_policy_size: Option<u32>,
    /// `Provider`
    pub provider: Option<String>,
    /// `SourceIdentity`
    pub source_identity: Option<String>,
    /// `SubjectFromWebIdentityToken`
    pub subject_from_web_identity_token: Option<String>,
}

impl<'a> AssumeRoleWithWebIdentity<'a> {
    /// Asks for a role and for nothing else.
    pub fn new(
        role_arn: &'a str,
        role_session_name: &'a str,
        web_identity_token: &'a Secret<String>,
    ) -> Self {
        Self {
            role_arn,
            role_session_name,
            web_identity_token,
            duration_seconds: None,
            policy: None,
            policy_arns: &[],
            provider_id: None,
        }
    }
}

impl Operation for AssumeRoleWithWebIdentity<'_> {
    type Output = WebIdentityRole;

    fn retry(&self) -> Retry {
        Retry::Transient
    }

    fn secrets(&self) -> Vec<&Secret<String>> {
        vec![self.web_identity_token]
    }

    fn encode(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
        let query = Query::new("AssumeRoleWithWebIdentity")
            .with("RoleArn", self.role_arn)
            .with("RoleSessionName", self.role_session_name)
            .with("WebIdentityToken", self.web_identity_token.expose());
        role::session(query, self.duration_seconds, self.policy, self.policy_arns)
            .with_some("ProviderId", self.provider_id)
            .request(endpoint)
    }

    fn decode_success(response: &Response<Vec<u8>>) -> Result<WebIdentityRole, DecodeError> {
        xml::members(response, "AssumeRoleWithWebIdentityResult", |result| {
            Ok(WebIdentityRole {
                credentials: role::credentials(result)?,
                assumed_role_user: role::assumed_role_user(result),
                audience: result.optional("Audience"),
                packed_policy_size: result.number("PackedPolicySize"),
                provider: result.optional("Provider"),
                source_identity: result.optional("SourceIdentity"),
                subject_from_web_identity_token: result.optional("SubjectFromWebIdentityToken"),
            })
        })
    }

    fn decode_error(response: &Response<Vec<u8>>) -> ServiceError {
        let error = xml::error(response);
        let passes = ["IDPCommunicationError", "InvalidIdentityToken"];
        if passes.iter().any(|code| error.is(code)) { error.into_transient() } else { error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_not_signed_and_hides_its_token() {
        let token = Secret::from("eyJ.x+y/z.=");
        let operation = AssumeRoleWithWebIdentity::new("arn:aws:iam::1:role/R", "me", &token);
        let request = operation.encode(&Uri::from_static("https://sts.amazonaws.com")).unwrap();
        let names: Vec<_> = request.headers().keys().map(http::HeaderName::as_str).collect();
        assert_eq!(names, ["content-type"]);
        let body = String::from_utf8(request.into_body()).unwrap();
        assert!(body.ends_with("&WebIdentityToken=eyJ.x%2By%2Fz.%3D"), "{body}");
        assert!(!format!("{operation:?}").contains("eyJ"));
    }

    #[test]
    fn troubles_of_the_identity_provider_pass() {
        let passes = |code| {
            let body = format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
            let response = Response::builder().status(400).body(body.into_bytes()).unwrap();
            AssumeRoleWithWebIdentity::decode_error(&response).is_transient()
        };
        assert!(passes("IDPCommunicationError") && passes("InvalidIdentityToken"));
        assert!(!passes("ExpiredTokenException") && !passes("IDPRejectedClaim"));
    }
}
