//! What the actions that assume a role have in common.

use std::time::Duration;

use http::StatusCode;
use wire::Timestamp;

use super::parameters::{Parameters, Rule, invalid};
use crate::credentials::{Issued, Keys, Principal};
use crate::error::ServiceError;
use crate::iam::{self, IamRole, RoleArn};
use crate::markup::escape;
use crate::random::Random;

pub(super) const ARN: Rule = Rule {
    allows: |c| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..),
    length: 20..=2048,
    pattern: r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
};

pub(super) const NAME: Rule =
    Rule { allows: iam::is_name, length: 2..=64, pattern: r"[\w+=,.@-]*" };

/// A role session before anybody has decided about it.
pub(super) struct Wanted<'a> {
    duration: Option<u32>,
    /// What has to be packed into the session token, in bytes.
    pub(super) packed: usize,
    policy: Option<&'a str>,
    role_arn: &'a str,
    session_name: &'a str,
}

impl<'a> Wanted<'a> {
    pub(super) fn read(parameters: &mut Parameters<'a>, longest_policy: usize) -> Self {
        let role_arn = parameters.required("RoleArn", &ARN);
        let session_name = parameters.required("RoleSessionName", &NAME);
        let duration = parameters.integer("DurationSeconds", 900..=43_200);
        let rule = Rule {
            allows: |c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}'),
            length: 1..=longest_policy,
            pattern: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
        };
        let policy = parameters.optional("Policy", &rule);
        let mut packed = policy.map_or(0, str::len);
        for member in parameters.members("PolicyArns", 10) {
            packed += parameters.required(&format!("{member}.arn"), &ARN).len();
        }
        Self { duration, packed, policy, role_arn, session_name }
    }

    /// Checks what lies beyond the form of single parameters.
    pub(super) fn role_arn(&self) -> Result<RoleArn<'a>, ServiceError> {
        let is_object = |policy| serde_json::from_str::<serde_json::Map<_, _>>(policy).is_ok();
        if !self.policy.is_none_or(is_object) {
            let message = "Syntax errors in policy.";
            return Err(ServiceError::bad_request("MalformedPolicyDocument", message));
        }
        RoleArn::parse(self.role_arn).ok_or_else(|| invalid("Request ARN is invalid"))
    }

    /// Returns how long the session lasts.
    pub(super) fn duration(
        &self,
        role: &IamRole,
        caller: Option<&Principal>,
    ) -> Result<Duration, ServiceError> {
        const ONE_HOUR: Duration = Duration::from_secs(3600);
        let duration =
            self.duration.map_or(ONE_HOUR, |seconds| Duration::from_secs(seconds.into()));
        let chained = caller.is_some_and(|caller| caller.role_arn.is_some());
        if chained && duration > ONE_HOUR {
            return Err(invalid(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed \
                 by role chaining",
            ));
        }
        if duration > role.max_session_duration {
            return Err(invalid(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ));
        }
        Ok(duration)
    }

    /// Returns the session as a principal.
    pub(super) fn principal(&self, role: &RoleArn<'_>) -> Principal {
        Principal::of_role(role, self.session_name)
    }
}

/// Opens the session, and writes the members of the result that tell of it.
pub(super) fn open_role_session(
    random: &mut Random,
    keys: &mut Keys,
    now: Timestamp,
    principal: Principal,
    duration: Duration,
    packed: usize,
) -> Result<String, ServiceError> {
    let packed_policy_size = packed_policy_size(packed)?;
    let mut result = format!(
        "<AssumedRoleUser><AssumedRoleId>{}</AssumedRoleId><Arn>{}</Arn></AssumedRoleUser>",
        escape(&principal.user_id),
        escape(&principal.arn),
    );
    if let Some(source_identity) = &principal.source_identity {
        let source_identity = escape(source_identity);
        result += &format!("<SourceIdentity>{source_identity}</SourceIdentity>");
    }
    if let Some(percent) = packed_policy_size {
        result += &format!("<PackedPolicySize>{percent}</PackedPolicySize>");
    }
    let Issued { access_key_id, expires_at, secret_access_key, session_token } =
        keys.issue(random, principal, now + duration);
    result += &format!(
        "<Credentials><AccessKeyId>{access_key_id}</AccessKeyId>\
         <SecretAccessKey>{secret_access_key}</SecretAccessKey>\
         <SessionToken>{session_token}</SessionToken>\
         <Expiration>{expires_at}</Expiration></Credentials>"
    );
    Ok(result)
}

/// How many percent of the room for policies and tags are taken. AWS does not say how it packs
/// them; here 4096 bytes fit.
fn packed_policy_size(bytes: usize) -> Result<Option<usize>, ServiceError> {
    let percent = bytes.saturating_mul(100).div_ceil(4096);
    if percent > 100 {
        let message = format!(
            "Packed size of session tags and policies consumes {percent}% of allotted space."
        );
        return Err(ServiceError::bad_request("PackedPolicyTooLarge", message));
    }
    Ok((percent > 0).then_some(percent))
}

/// A refusal by the role's trust policy.
pub(super) fn access_denied(message: impl Into<std::borrow::Cow<'static, str>>) -> ServiceError {
    ServiceError::new(StatusCode::FORBIDDEN, "AccessDenied", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_for_policies_is_measured_in_percent() {
        assert_eq!(packed_policy_size(0), Ok(None));
        assert_eq!(packed_policy_size(1), Ok(Some(1)));
        assert_eq!(packed_policy_size(4096), Ok(Some(100)));
        assert_eq!(packed_policy_size(4097).unwrap_err().code, "PackedPolicyTooLarge");
    }
}
