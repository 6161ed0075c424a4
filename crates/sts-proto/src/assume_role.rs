use http::{Request, Response, Uri};
use wire::{
    DecodeError, EncodeError, Operation, Retry, Secret, ServiceError, SessionCredentials, Timestamp,
};

use crate::query::Query;
use crate::{AssumedRoleUser, SigningKeys, role, xml};

/// Trades credentials for those of a role.
///
/// Errors: `AccessDenied` (403), `ValidationError`, `MalformedPolicyDocument`,
/// `PackedPolicyTooLarge` (400), `RegionDisabledException` (403), `ExpiredToken` (403). A request
/// with a `token_code` is repeated only where no connection came about, for a code counts once.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AssumeRole<'a> {
    /// The credentials that assume the role.
    pub keys: SigningKeys<'a>,
    /// The region of the signature.
    pub region: &'a str,
    /// The time of the signature; the service accepts 15 minutes of difference.
    pub now: Timestamp,
    /// `RoleArn`
    pub role_arn: &'a str,
    /// `RoleSessionName`, 2 to 64 of `[\w+=,.@-]`.
    pub role_session_name: &'a str,
    /// `DurationSeconds`, 900 to 43200; an hour where it is absent, and at most an hour where the
    /// credentials are those of a role themselves.
    pub duration_seconds: Option<u32>,
    /// `ExternalId`
    pub external_id: Option<&'a str>,
    /// `Policy`, a document that narrows the session.
    pub policy: Option<&'a str>,
    /// `PolicyArns`
    pub policy_arns: &'a [&'a str],
    /// `ProvidedContexts`: provider ARN and assertion.
    pub provided_contexts: &'a [(&'a str, &'a str)],
    /// `SerialNumber` of the MFA device.
    pub serial_number: Option<&'a str>,
    /// `SourceIdentity`
    pub source_identity: Option<&'a str>,
    /// `Tags`: key and value.
    pub tags: &'a [(&'a str, &'a str)],
    /// `TokenCode` of the MFA device, six digits that count once.
    pub token_code: Option<&'a Secret<String>>,
    /// `TransitiveTagKeys`
    pub transitive_tag_keys: &'a [&'a str],
}

/// What AssumeRole answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssumedRole {
    /// `Credentials`
    pub credentials: SessionCredentials,
    /// `AssumedRoleUser`
    pub assumed_role_user: Option<AssumedRoleUser>,
    /// `PackedPolicySize`, in percent of what is allowed.
    pub packed_policy_size: Option<u32>,
    /// `SourceIdentity`
    pub source_identity: Option<String>,
}

impl<'a> AssumeRole<'a> {
    /// Asks for a role and for nothing else.
    pub fn new(
        keys: SigningKeys<'a>,
        region: &'a str,
        now: Timestamp,
        role_arn: &'a str,
        role_session_name: &'a str,
    ) -> Self {
        Self {
            keys,
            region,
            now,
            role_arn,
            role_session_name,
            duration_seconds: None,
            external_id: None,
            policy: None,
            policy_arns: &[],
            provided_contexts: &[],
            serial_number: None,
            source_identity: None,
            tags: &[],
            token_code: None,
            transitive_tag_keys: &[],
        }
    }
}

impl Operation for AssumeRole<'_> {
    type Output = AssumedRole;

    fn retry(&self) -> Retry {
        if self.token_code.is_some() { Retry::Unconnected } else { Retry::Transient }
    }

    fn secrets(&self) -> Vec<&Secret<String>> {
        self.keys.session_token.into_iter().chain(self.token_code).collect()
    }

    fn encode(&self, endpoint: &Uri) -> Result<Request<Vec<u8>>, EncodeError> {
        let query = Query::new("AssumeRole")
            .with("RoleArn", self.role_arn)
            .with("RoleSessionName", self.role_session_name);
        let query = role::session(query, self.duration_seconds, self.policy, self.policy_arns)
            .with_some("ExternalId", self.external_id)
            .with_some("SerialNumber", self.serial_number)
            .with_some("TokenCode", self.token_code.map(|code| code.expose().as_str()))
            .with_some("SourceIdentity", self.source_identity)
            .with_list(
                "Tags",
                self.tags.iter().map(|(key, value)| [("Key", *key), ("Value", value)]),
            )
            .with_list("TransitiveTagKeys", self.transitive_tag_keys.iter().map(|key| [("", *key)]))
            .with_list(
                "ProvidedContexts",
                self.provided_contexts.iter().map(|(provider, assertion)| {
                    [("ProviderArn", *provider), ("ContextAssertion", assertion)]
                }),
            );
        let mut request = query.request(endpoint)?;
        crate::sign(&mut request, self.keys, "sts", self.region, self.now)?;
        Ok(request)
    }

    fn decode_success(response: &Response<Vec<u8>>) -> Result<AssumedRole, DecodeError> {
        xml::members(response, "AssumeRoleResult", |result| {
            Ok(AssumedRole {
                credentials: role::credentials(result)?,
                assumed_role_user: role::assumed_role_user(result),
                packed_policy_size: result.number("PackedPolicySize"),
                source_identity: result.optional("SourceIdentity"),
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
    fn members_are_numbered_from_one_and_absent_ones_left_out() {
        let secret = Secret::from("s");
        let code = Secret::from("123456");
        let keys =
            SigningKeys { access_key_id: "AKID", secret_access_key: &secret, session_token: None };
        let now = Timestamp::from_unix(0);
        let plain = AssumeRole::new(keys, "eu-west-1", now, "arn:aws:iam::1:role/p/R", "me@x");
        let endpoint = Uri::from_static("https://sts.eu-west-1.amazonaws.com");
        let body = |operation: &AssumeRole<'_>| {
            String::from_utf8(operation.encode(&endpoint).unwrap().into_body()).unwrap()
        };
        assert_eq!(
            body(&plain),
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fp%2FR\
             &RoleSessionName=me%40x"
        );
        assert_eq!(plain.retry(), Retry::Transient);
        let full = AssumeRole {
            duration_seconds: Some(900),
            external_id: Some("e:1"),
            policy: Some("{}"),
            policy_arns: &["a", "b"],
            provided_contexts: &[("p", "c")],
            serial_number: Some("m"),
            source_identity: Some("i"),
            tags: &[("k 1", "v+~*é"), ("k2", "")],
            token_code: Some(&code),
            transitive_tag_keys: &["k 1"],
            ..plain
        };
        let body = body(&full);
        let members: Vec<_> = body.split('&').skip(4).collect();
        assert_eq!(
            members,
            [
                "DurationSeconds=900",
                "Policy=%7B%7D",
                "PolicyArns.member.1.arn=a",
                "PolicyArns.member.2.arn=b",
                "ExternalId=e%3A1",
                "SerialNumber=m",
                "TokenCode=123456",
                "SourceIdentity=i",
                "Tags.member.1.Key=k%201",
                "Tags.member.1.Value=v%2B~%2A%C3%A9",
                "Tags.member.2.Key=k2",
                "Tags.member.2.Value=",
                "TransitiveTagKeys.member.1=k%201",
                "ProvidedContexts.member.1.ProviderArn=p",
                "ProvidedContexts.member.1.ContextAssertion=c",
            ]
        );
        assert_eq!(full.retry(), Retry::Unconnected);
        assert!(!format!("{full:?}").contains("123456"));
    }

    #[test]
    fn the_answer_tells_the_account() {
        let body = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <AssumeRoleResult><SourceIdentity>i</SourceIdentity><AssumedRoleUser>\
             <AssumedRoleId>AROA:me</AssumedRoleId>\
             <Arn>arn:aws:sts::123456789012:assumed-role/Admin/me</Arn></AssumedRoleUser>\
             <Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
             <SessionToken>t</SessionToken><Expiration>2026-01-02T04:04:05Z</Expiration>\
             </Credentials><PackedPolicySize>6</PackedPolicySize></AssumeRoleResult>\
             </AssumeRoleResponse>";
        let decoded = AssumeRole::decode(&Response::new(body.as_bytes().to_vec())).unwrap();
        let user = decoded.assumed_role_user.as_ref().unwrap();
        assert_eq!(user.account_id(), Some("123456789012"));
        assert_eq!(decoded.packed_policy_size, Some(6));
        assert_eq!(decoded.credentials.expiration.to_string(), "2026-01-02T04:04:05Z");
        let broken = body.replace("<SessionToken>t</SessionToken>", "<SessionToken/>");
        let error = AssumeRole::decode(&Response::new(broken.into_bytes())).unwrap_err();
        assert!(matches!(error, DecodeError::MissingField("SessionToken")));
        let epoch = body.replace("2026-01-02T04:04:05Z", "1767326645");
        let error = AssumeRole::decode(&Response::new(epoch.into_bytes())).unwrap_err();
        assert!(matches!(error, DecodeError::InvalidField("Expiration")));
        let nested = body.replace(">ASIA<", "><b/><");
        let error = AssumeRole::decode(&Response::new(nested.into_bytes())).unwrap_err();
        assert!(matches!(error, DecodeError::InvalidField("AccessKeyId")));
    }

    #[test]
    fn throttling_passes_although_its_status_is_400() {
        let error = |code: &str| {
            let body = format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
            AssumeRole::decode_error(
                &Response::builder().status(400).body(body.into_bytes()).unwrap(),
            )
        };
        for code in ["Throttling", "ThrottlingException", "RequestLimitExceeded"] {
            assert!(error(code).is_throttled() && error(code).is_transient(), "{code}");
        }
        assert!(!error("ValidationError").is_transient());
    }
}
