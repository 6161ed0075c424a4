use std::borrow::Cow;

use shared_config::{NotUnicode, Place, ProfileError};

use crate::{Role, Session};

/// What a profile means: where credentials come from, and the roles that are assumed with them, one
/// after another. Nothing of it is done yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan<'a> {
    /// Where the first credentials come from.
    pub base: Base<'a>,
    /// The roles that are assumed, in the order in which they are.
    pub hops: Vec<Hop<'a>>,
}

/// Where credentials come from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Base<'a> {
    /// `credential_source = EcsContainer`
    Container,
    /// `credential_source = Environment`
    Environment,
    /// `credential_source = Ec2InstanceMetadata`
    InstanceMetadata,
    /// The output of a command.
    #[non_exhaustive]
    Process {
        /// The profile that names it.
        profile: &'a str,
        /// `credential_process`, with the lines that continue it.
        command: Cow<'a, str>,
    },
    /// An SSO role.
    Sso(SsoPlan<'a>),
    /// The keys of this profile.
    Static(&'a str),
    /// A web identity token that is traded for a role.
    #[non_exhaustive]
    WebIdentity {
        /// `role_arn`
        role_arn: &'a str,
        /// `role_session_name`
        role_session_name: Option<&'a str>,
        /// `web_identity_token_file`
        token_file: &'a str,
        /// `duration_seconds`, 900 to 43200.
        duration_seconds: Option<u32>,
    },
}

/// A role that is assumed with the credentials before it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hop<'a> {
    /// The profile that names the role.
    pub profile: &'a str,
    /// `role_arn`
    pub role_arn: &'a str,
    /// `role_session_name`
    pub role_session_name: Option<&'a str>,
    /// `external_id`
    pub external_id: Option<&'a str>,
    /// `mfa_serial`
    pub mfa_serial: Option<&'a str>,
    /// `mfa_process`: a command that prints the code of the device.
    pub mfa_process: Option<Cow<'a, str>>,
    /// `duration_seconds`, 900 to 43200.
    pub duration_seconds: Option<u32>,
    /// `region` of the profile that names the role.
    pub region: Option<&'a str>,
}

/// A role, fetched with the token of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SsoPlan<'a> {
    /// The session whose token is used.
    pub session: Session,
    /// `sso_account_id`; a sign-in does not need it.
    pub account_id: Option<&'a str>,
    /// `sso_role_name`; a sign-in does not need it.
    pub role_name: Option<&'a str>,
    /// Tells why there is no role.
    pub(crate) incomplete: Option<Box<PlanError>>,
}

/// A profile cannot be turned into a provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The profile has `role_arn` beside SSO keys; every SDK makes something else of it.
    #[error(
        "{place}: profile `{profile}` has `role_arn` beside sso keys; name a `source_profile` instead"
    )]
    #[non_exhaustive]
    Ambiguous {
        /// The profile.
        profile: String,
        /// The line of `role_arn`.
        place: Place,
    },
    /// The profiles name each other as their source.
    #[error("{place}: the source profiles form a loop: {}", profiles.join(" -> "))]
    #[non_exhaustive]
    Loop {
        /// The profiles, the first one again at the end.
        profiles: Vec<String>,
        /// The line that closes the loop.
        place: Place,
    },
    /// Neither the environment nor a profile says where credentials come from.
    #[error("no credentials are configured: there is no profile `{profile}`")]
    #[non_exhaustive]
    Nothing {
        /// The profile that counts where none is named.
        profile: String,
    },
    /// The profile does not say where credentials come from.
    #[error(
        "{place}: profile `{profile}` has no credentials: it lacks sso_session or sso_start_url"
    )]
    #[non_exhaustive]
    NoCredentials {
        /// The profile.
        profile: String,
        /// The line of the profile.
        place: Place,
    },
    /// Its settings are incomplete or contradict each other.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A setting has a value that means nothing, or one that it needs beside it is missing.
    #[error("{place}: profile `{profile}`: {reason}")]
    #[non_exhaustive]
    Setting {
        /// The profile.
        profile: String,
        /// The line of the setting.
        place: Place,
        /// What is wrong.
        reason: String,
    },
    /// A variable that counts cannot be read.
    #[error(transparent)]
    Variable(#[from] NotUnicode),
    /// There are more source profiles behind each other than anybody needs.
    #[error("profile `{profile}` has over ten source profiles behind each other")]
    #[non_exhaustive]
    TooDeep {
        /// The profile that was asked for.
        profile: String,
    },
}

impl<'a> Plan<'a> {
    /// Means a role that no profile names.
    pub fn of_sso_role(session: Session, role: Role<'a>) -> Self {
        let (account_id, role_name) = (Some(role.account_id), Some(role.role_name));
        let sso = SsoPlan { session, account_id, role_name, incomplete: None };
        Self { base: Base::Sso(sso), hops: Vec::new() }
    }

    /// Returns the region that the plan names: that of the last role, or of the SSO session.
    pub fn region(&self) -> Option<&str> {
        let of_hop = self.hops.last().and_then(|hop| hop.region);
        match &self.base {
            Base::Sso(sso) => of_hop.or(Some(&sso.session.region)),
            _ => of_hop,
        }
    }
}

impl SsoPlan<'_> {
    /// Returns the role.
    ///
    /// # Errors
    /// Fails where the profile names no account or no role, with its line.
    pub fn role(&self) -> Result<Role<'_>, PlanError> {
        match (self.account_id, self.role_name, &self.incomplete) {
            (_, _, Some(error)) => Err(*error.clone()),
            (account_id, role_name, None) => Ok(Role {
                account_id: account_id.unwrap_or_default(),
                role_name: role_name.unwrap_or_default(),
            }),
        }
    }
}

impl Plan<'_> {
    /// Returns what people call it: `role`, or the kind of its base.
    pub fn kind(&self) -> &'static str {
        match &self.base {
            Base::WebIdentity { .. } if self.hops.is_empty() => "web identity",
            _ if !self.hops.is_empty() => "role",
            Base::Sso(sso) if sso.session.name.is_some() => "sso",
            Base::Sso(_) => "legacy sso",
            Base::Process { .. } => "process",
            Base::Static(_) => "static",
            _ => "role",
        }
    }
}
