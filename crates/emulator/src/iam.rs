//! What IAM contains beside Identity Center: users with keys of their own, and roles.

use std::time::Duration;

use serde::Deserialize;
use wire::Secret;

use crate::toml_values::{self, is_account_id};

/// An IAM user with an access key that does not expire.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct IamUser {
    /// The public half of the key.
    pub access_key_id: String,
    /// Twelve digits.
    #[serde(deserialize_with = "toml_values::account_id")]
    pub account_id: String,
    /// The one-time codes that the user's device shows; each is accepted once, in any order.
    #[serde(default, deserialize_with = "toml_values::secrets")]
    pub mfa_codes: Vec<Secret<String>>,
    /// The serial number of the user's device.
    pub mfa_serial: Option<String>,
    /// The name, which is also the end of the ARN.
    pub name: String,
    /// The secret half of the key.
    #[serde(deserialize_with = "toml_values::secret")]
    pub secret_access_key: Secret<String>,
}

impl IamUser {
    /// Describes a user without a device.
    pub fn new(name: &str, account_id: &str, access_key_id: &str, secret_access_key: &str) -> Self {
        Self {
            access_key_id: access_key_id.to_owned(),
            account_id: account_id.to_owned(),
            mfa_codes: Vec::new(),
            mfa_serial: None,
            name: name.to_owned(),
            secret_access_key: secret_access_key.into(),
        }
    }
}

/// A role that can be assumed, with what its trust policy asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct IamRole {
    /// The ARN, with the path that the role may have.
    pub arn: String,
    /// The external id that AssumeRole has to send.
    pub external_id: Option<String>,
    /// The longest session: one hour, unless it says more.
    #[serde(default = "one_hour", deserialize_with = "toml_values::seconds")]
    pub max_session_duration: Duration,
    /// Whether AssumeRole has to send a code of the caller's device.
    #[serde(default)]
    pub mfa: bool,
    /// The source identity that AssumeRole has to send or inherit, and that web identities have.
    pub source_identity: Option<String>,
    /// How the ARN of a caller of AssumeRole may begin, of the user, role or session; anybody's
    /// where absent.
    pub trusted: Option<Vec<String>>,
    /// The web identity tokens that are accepted; any where absent.
    #[serde(default, deserialize_with = "toml_values::optional_secrets")]
    pub web_identity: Option<Vec<Secret<String>>>,
}

impl IamRole {
    /// The longest session that a role can allow.
    pub(crate) const LONGEST: Duration = Duration::from_secs(12 * 3600);

    /// Describes a role that anybody can assume, for one hour.
    pub fn new(arn: &str) -> Self {
        Self {
            arn: arn.to_owned(),
            external_id: None,
            max_session_duration: one_hour(),
            mfa: false,
            source_identity: None,
            trusted: None,
            web_identity: None,
        }
    }

    /// Says what is wrong with a role of a scenario.
    pub(crate) fn check(&self) -> Result<(), String> {
        let arn = &self.arn;
        if RoleArn::parse(arn).is_none() {
            return Err(format!("`{arn}` is not the ARN of a role"));
        }
        if !(one_hour()..=Self::LONGEST).contains(&self.max_session_duration) {
            return Err(format!("max_session_duration of {arn} is not 3600 to 43200"));
        }
        Ok(())
    }
}

/// The parts of a role's ARN that its sessions show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RoleArn<'a> {
    pub(crate) account_id: &'a str,
    pub(crate) arn: &'a str,
    /// Without the path.
    pub(crate) name: &'a str,
    pub(crate) partition: &'a str,
}

impl<'a> RoleArn<'a> {
    pub(crate) fn parse(arn: &'a str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let ["arn", partition, "iam", "", account_id, resource] =
            [(); 6].map(|()| parts.next().unwrap_or_default())
        else {
            return None;
        };
        let name = resource.strip_prefix("role/")?.rsplit('/').next()?;
        let path = resource.bytes().all(|byte| byte.is_ascii_graphic());
        let known = partition == "aws" || partition.starts_with("aws-");
        let named = (1..=64).contains(&name.len()) && name.chars().all(is_name);
        (known && is_account_id(account_id) && path && named).then_some(Self {
            account_id,
            arn,
            name,
            partition,
        })
    }
}

/// Whether a character may stand in the name of a role or of a session.
pub(crate) fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_+=,.@-".contains(character)
}

pub(crate) fn demo_users() -> Vec<IamUser> {
    // The key is the one of AWS's documentation, which scanners for leaked secrets know.
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let mut user = IamUser::new("ci", "111122223333", "AKIAIOSFODNN7EXAMPLE", secret);
    user.mfa_serial = Some("arn:aws:iam::111122223333:mfa/ci".to_owned());
    user.mfa_codes = ["123456", "234567", "345678"].map(Secret::from).to_vec();
    vec![user]
}

fn one_hour() -> Duration {
    Duration::from_secs(3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_role_is_behind_its_path() {
        let arn = "arn:aws-cn:iam::111122223333:role/a/b/Admin";
        let expect =
            RoleArn { account_id: "111122223333", arn, name: "Admin", partition: "aws-cn" };
        assert_eq!(RoleArn::parse(arn), Some(expect));
        for arn in [
            "",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/a b",
            "arn:aws:iam::111122223333:role/a b/c",
            "arn:aws:iam::111122223333:role/é",
            "arn:aws:iam::111122223333:user/ci",
            "arn:aws:iam::1111:role/Admin",
            "arn:aws:iam:eu-west-1:111122223333:role/Admin",
            "arn:aws:sts::111122223333:assumed-role/Admin/me",
            "arn:azure:iam::111122223333:role/Admin",
        ] {
            assert_eq!(RoleArn::parse(arn), None, "{arn}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let mut role = IamRole::new("arn:aws:iam::111122223333:role/Admin");
        role.web_identity = Some(vec!["letmein".into()]);
        let shown = format!("{:?} {role:?}", demo_users());
        for secret in ["wJalrX", "123456", "letmein"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
