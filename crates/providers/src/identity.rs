use std::path::PathBuf;

use shared_config::Environment;

use crate::{Credentials, Network, ResolveError, Role, Session};

/// Whose credentials are meant: where the first ones come from, the roles that are assumed with them,
/// and how the services are reached. [`resolve`](crate::resolve) makes one of the shared files.
///
/// It is complete: nothing goes back to the files. Nothing of it is done yet; [`Identity::probe`] and
/// [`Identity::provider`] do it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Identity {
    /// Where the first credentials come from.
    pub base: Base,
    /// The roles that are assumed, in the order in which they are.
    pub hops: Vec<Hop>,
    /// `region` of the profile.
    pub region: Option<String>,
    /// How the services are reached.
    pub network: Network,
    /// The variables that some sources of credentials are made of.
    pub environment: Environment,
}

/// Where credentials come from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Base {
    /// `credential_source = EcsContainer`
    Container,
    /// `credential_source = Environment`
    Environment,
    /// `credential_source = Ec2InstanceMetadata`
    InstanceMetadata,
    /// The output of a command.
    Process(ProcessBase),
    /// An SSO role.
    Sso(SsoBase),
    /// The keys of a profile.
    Static(StaticBase),
    /// A web identity token that is traded for a role.
    WebIdentity(WebIdentityBase),
}

/// A command that prints credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessBase {
    /// The profile that names it.
    pub profile: String,
    /// `credential_process`, with the lines that continue it.
    pub command: String,
    /// `aws_account_id`, for commands that tell none.
    pub account_id: Option<String>,
}

/// A role, fetched with the token of a session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SsoBase {
    /// The session whose token is used.
    pub session: Session,
    /// `sso_account_id`; a sign-in does not need it.
    pub account_id: Option<String>,
    /// `sso_role_name`; a sign-in does not need it.
    pub role_name: Option<String>,
    /// Tells why there is no role.
    pub(crate) incomplete: Option<Box<ResolveError>>,
}

/// Keys that stand in a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StaticBase {
    /// The profile.
    pub profile: String,
    /// Its keys.
    pub credentials: Credentials,
}

/// A token of an identity provider, and the role that it is traded for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebIdentityBase {
    /// `role_arn`
    pub role_arn: String,
    /// `role_session_name`
    pub role_session_name: Option<String>,
    /// `web_identity_token_file`
    pub token_file: PathBuf,
    /// `duration_seconds`, 900 to 43200.
    pub duration_seconds: Option<u32>,
}

/// A role that is assumed with the credentials before it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hop {
    /// The profile that names the role.
    pub profile: String,
    /// `role_arn`
    pub role_arn: String,
    /// `role_session_name`
    pub role_session_name: Option<String>,
    /// `external_id`
    pub external_id: Option<String>,
    /// `mfa_serial`
    pub mfa_serial: Option<String>,
    /// `mfa_process`: a command that prints the code of the device.
    pub mfa_process: Option<String>,
    /// `duration_seconds`, 900 to 43200.
    pub duration_seconds: Option<u32>,
    /// `region` of the profile that names the role.
    pub region: Option<String>,
}

impl Identity {
    /// Returns the session that somebody must be signed in to, also where roles are assumed in
    /// between.
    pub fn session(&self) -> Option<&Session> {
        match &self.base {
            Base::Sso(sso) => Some(&sso.session),
            _ => None,
        }
    }

    /// Returns what people call it: `role`, or the kind of its base.
    pub fn kind(&self) -> &'static str {
        match &self.base {
            Base::WebIdentity(_) if self.hops.is_empty() => "web identity",
            _ if !self.hops.is_empty() => "role",
            Base::Sso(sso) if sso.session.name.is_some() => "sso",
            Base::Sso(_) => "legacy sso",
            Base::Process(_) => "process",
            Base::Static(_) => "static",
            _ => "role",
        }
    }
}

impl SsoBase {
    /// Returns the role.
    ///
    /// # Errors
    /// Fails where the profile names no account or no role, with its line.
    pub fn role(&self) -> Result<Role<'_>, ResolveError> {
        match &self.incomplete {
            Some(error) => Err(*error.clone()),
            None => Ok(Role {
                account_id: self.account_id.as_deref().unwrap_or_default(),
                role_name: self.role_name.as_deref().unwrap_or_default(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use shared_config::{Files, Sections};

    use crate::{Target, resolve_in};

    use super::*;

    #[test]
    fn people_call_an_identity_by_what_it_is() {
        let keys = "aws_access_key_id = A\naws_secret_access_key = S\n";
        let web = "web_identity_token_file = /t\nrole_arn = a\n";
        for (lines, kind, has_session) in [
            ("sso_session = s\n", "sso", true),
            ("sso_start_url = u\nsso_region = r\n", "legacy sso", true),
            ("credential_process = x\n", "process", false),
            (keys, "static", false),
            (web, "web identity", false),
            ("role_arn = a\nsource_profile = w\n", "role", false),
            ("role_arn = a\nsource_profile = l\n", "role", true),
            ("role_arn = a\ncredential_source = EcsContainer\n", "role", false),
        ] {
            let config = format!(
                "[sso-session s]\nsso_start_url = u\nsso_region = r\n[profile w]\n{web}\
                 [profile l]\nsso_session = s\n[profile p]\n{lines}"
            );
            let files = Files::from_texts(&config, "");
            let (sections, target) = (Sections::parse(&files), Target::profile("p"));
            let identity = resolve_in(&sections, &Environment::default(), &target).unwrap();
            assert_eq!((identity.kind(), identity.session().is_some()), (kind, has_session));
        }
    }

    #[test]
    fn the_container_of_a_program_that_is_told_nothing_is_a_role() {
        let environment =
            Environment::from_pairs([("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x")]);
        let files = Files::from_texts("", "");
        let identity = crate::resolve_default_in(&Sections::parse(&files), &environment).unwrap();
        assert_eq!(identity.kind(), "role");
    }
}
