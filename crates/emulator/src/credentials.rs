//! Credentials that requests can be signed with, and whose they are.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};
use wire::Timestamp;

use crate::iam::{IamUser, RoleArn};
use crate::random::Random;

/// What the emulator remembers of credentials.
pub(crate) struct Credentials {
    pub(crate) principal: Principal,
    pub(crate) secret_access_key: String,
    /// Absent for the key of an IAM user.
    pub(crate) session: Option<Session>,
}

/// What temporary credentials have and others do not.
pub(crate) struct Session {
    pub(crate) expires_at: Timestamp,
    pub(crate) token: String,
}

/// Temporary credentials as they are handed out.
pub(crate) struct Issued {
    pub(crate) access_key_id: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: String,
}

/// Who signs with credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    pub(crate) account_id: String,
    pub(crate) arn: String,
    /// Whether the role was assumed with the credentials of another one.
    pub(crate) is_chained: bool,
    /// The ARN of the role whose session it is, `None` for an IAM user.
    pub(crate) role_arn: Option<String>,
    pub(crate) source_identity: Option<String>,
    /// The keys of the tags that sessions inherit and cannot change, in lower case.
    pub(crate) transitive_tag_keys: Vec<String>,
    pub(crate) user_id: String,
}

impl Principal {
    /// A person who has taken a role in Identity Center.
    pub(crate) fn of_permission_set(
        region: &str,
        account_id: &str,
        role_name: &str,
        user: &str,
    ) -> Self {
        // Identity Center makes one IAM role per account and permission set, with a random suffix.
        let digest = hex::encode(Sha256::digest(format!("{account_id}/{role_name}")));
        let (suffix, _) = digest.split_at(16);
        let name = format!("AWSReservedSSO_{role_name}_{suffix}");
        let partition = partition(region);
        let path = format!("aws-reserved/sso.amazonaws.com/{region}");
        let arn = format!("arn:{partition}:iam::{account_id}:role/{path}/{name}");
        Self::of_role(&RoleArn { account_id, arn: &arn, name: &name, partition }, user)
    }

    /// The session of a role.
    pub(crate) fn of_role(role: &RoleArn<'_>, session_name: &str) -> Self {
        let RoleArn { account_id, arn, name, partition } = *role;
        Self {
            account_id: account_id.to_owned(),
            arn: format!("arn:{partition}:sts::{account_id}:assumed-role/{name}/{session_name}"),
            is_chained: false,
            role_arn: Some(arn.to_owned()),
            source_identity: None,
            transitive_tag_keys: Vec::new(),
            user_id: format!("{}:{session_name}", unique_id("AROA", arn)),
        }
    }

    pub(crate) fn of_iam_user(region: &str, user: &IamUser) -> Self {
        let IamUser { account_id, name, .. } = user;
        let arn = format!("arn:{}:iam::{account_id}:user/{name}", partition(region));
        Self {
            account_id: account_id.clone(),
            is_chained: false,
            role_arn: None,
            source_identity: None,
            transitive_tag_keys: Vec::new(),
            user_id: unique_id("AIDA", &arn),
            arn,
        }
    }
}

/// The access keys that requests can be signed with.
pub(crate) struct Keys(HashMap<String, Credentials>);

impl Keys {
    /// Makes the keys of the IAM users, which are there from the beginning.
    pub(crate) fn new(region: &str, users: &[IamUser]) -> Self {
        let credentials = |user: &IamUser| Credentials {
            principal: Principal::of_iam_user(region, user),
            secret_access_key: user.secret_access_key.expose().clone(),
            session: None,
        };
        Self(users.iter().map(|user| (user.access_key_id.clone(), credentials(user))).collect())
    }

    pub(crate) fn get(&self, access_key_id: &str) -> Option<&Credentials> {
        self.0.get(access_key_id)
    }

    /// Makes temporary credentials.
    pub(crate) fn issue(
        &mut self,
        random: &mut Random,
        principal: Principal,
        expires_at: Timestamp,
    ) -> Issued {
        let issued = Issued {
            access_key_id: random.access_key_id(),
            expires_at,
            secret_access_key: random.secret_access_key(),
            session_token: random.session_token(),
        };
        let credentials = Credentials {
            principal,
            secret_access_key: issued.secret_access_key.clone(),
            session: Some(Session { expires_at, token: issued.session_token.clone() }),
        };
        self.0.insert(issued.access_key_id.clone(), credentials);
        issued
    }
}

/// The id that IAM gives an entity; here it follows from the ARN.
fn unique_id(prefix: &str, arn: &str) -> String {
    let digest = hex::encode_upper(Sha256::digest(arn));
    prefix.chars().chain(digest.chars().take(17)).collect()
}

fn partition(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "aws-cn",
        Some("eusc") => "aws-eusc",
        Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_partition_follows_the_region() {
        for (region, expect) in [
            ("cn-north-1", "aws-cn"),
            ("eu-central-1", "aws"),
            ("eusc-de-east-1", "aws-eusc"),
            ("us-east-1", "aws"),
            ("us-gov-west-1", "aws-us-gov"),
        ] {
            assert_eq!(partition(region), expect, "{region}");
        }
    }

    #[test]
    fn sessions_show_the_role_without_its_path() {
        let role = RoleArn::parse("arn:aws:iam::111122223333:role/a/b/Admin").unwrap();
        let principal = Principal::of_role(&role, "me@example.com");
        let arn = "arn:aws:sts::111122223333:assumed-role/Admin/me@example.com";
        assert_eq!(principal.arn, arn);
        let (id, name) = principal.user_id.split_once(':').unwrap();
        assert_eq!((id.len(), name), (21, "me@example.com"));
    }
}
