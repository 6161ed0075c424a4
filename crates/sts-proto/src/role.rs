//! What the actions that assume a role have in common.

use wire::{DecodeError, Secret, SessionCredentials, Timestamp};

use crate::query::Query;
use crate::xml::Members;

/// Who the credentials are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssumedRoleUser {
    /// `AssumedRoleId`
    pub assumed_role_id: String,
    /// `Arn`
    pub arn: String,
}

impl AssumedRoleUser {
    /// Returns the account, where the ARN names one.
    pub fn account_id(&self) -> Option<&str> {
        let account_id = self.arn.split(':').nth(4)?;
        (!account_id.is_empty()).then_some(account_id)
    }
}

pub(crate) fn credentials(result: &Members<'_, '_>) -> Result<SessionCredentials, DecodeError> {
    let members = result.structure("Credentials")?;
    Ok(SessionCredentials {
        access_key_id: members.required("AccessKeyId")?,
        secret_access_key: Secret::new(members.required("SecretAccessKey")?),
        session_token: Secret::new(members.required("SessionToken")?),
        expiration: Timestamp::parse(&members.required("Expiration")?)
            .map_err(|_| DecodeError::InvalidField("Expiration"))?,
    })
}

/// Reads who the role is; nothing but the account is lost where it is missing.
pub(crate) fn assumed_role_user(result: &Members<'_, '_>) -> Option<AssumedRoleUser> {
    let members = result.structure("AssumedRoleUser").ok()?;
    Some(AssumedRoleUser {
        assumed_role_id: members.optional("AssumedRoleId").unwrap_or_default(),
        arn: members.required("Arn").ok()?,
    })
}

/// Adds the members that narrow a session.
pub(crate) fn session(
    query: Query,
    duration_seconds: Option<u32>,
    policy: Option<&str>,
    policy_arns: &[&str],
) -> Query {
    let duration = duration_seconds.map(|seconds| seconds.to_string());
    query
        .with_some("DurationSeconds", duration.as_deref())
        .with_some("Policy", policy)
        .with_list("PolicyArns", policy_arns.iter().map(|arn| [("arn", *arn)]))
}
