use shared_config::{Place, Profile, ProfileError};

use crate::{Role, Session};

/// What an SSO profile means: a role, fetched with the token of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SsoPlan<'s> {
    /// The session whose token is used.
    pub session: Session,
    /// `sso_account_id`; a sign-in does not need it.
    pub account_id: Option<&'s str>,
    /// `sso_role_name`; a sign-in does not need it.
    pub role_name: Option<&'s str>,
    /// Tells what is missing.
    incomplete: Option<ProfileError>,
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
    /// The profile gets its credentials in a way that is not provided here.
    #[error("{place}: profile `{profile}` gets its credentials by `{key}`, only SSO is provided")]
    #[non_exhaustive]
    Unsupported {
        /// The profile.
        profile: String,
        /// The setting.
        key: &'static str,
        /// Its line.
        place: Place,
    },
}

/// The settings that name other sources of credentials, in the order in which they count; SSO keys
/// come before the last two.
const OTHER_SOURCES: [&str; 5] = [
    "role_arn",
    "web_identity_token_file",
    "credential_source",
    "credential_process",
    "aws_access_key_id",
];

impl SsoPlan<'_> {
    /// Returns the role.
    ///
    /// # Errors
    /// Fails where the profile names no account or no role, with its line.
    pub fn role(&self) -> Result<Role<'_>, PlanError> {
        match (self.account_id, self.role_name, &self.incomplete) {
            (_, _, Some(error)) => Err(error.clone().into()),
            (account_id, role_name, None) => Ok(Role {
                account_id: account_id.unwrap_or_default(),
                role_name: role_name.unwrap_or_default(),
            }),
        }
    }
}

/// Turns a profile into what it means.
///
/// SSO keys beside `credential_process` or static keys win, as in botocore and Rust: a profile that
/// names keyfob as its own `credential_process` does not call itself.
///
/// # Errors
/// Fails where the profile means nothing, or nothing that is provided.
pub fn plan<'s>(profile: &Profile<'s, '_>) -> Result<SsoPlan<'s>, PlanError> {
    let name = || profile.name().to_owned();
    let sso = profile.sso()?;
    if let Some(settings) = sso {
        if profile.get("role_arn").is_some() {
            return Err(PlanError::Ambiguous { profile: name(), place: profile.place("role_arn") });
        }
        return Ok(SsoPlan {
            session: Session::from(&settings),
            account_id: settings.account_id,
            role_name: settings.role_name,
            incomplete: settings.role(profile).err().map(ProfileError::from),
        });
    }
    Err(match OTHER_SOURCES.into_iter().find(|key| profile.get(key).is_some()) {
        Some(key) => PlanError::Unsupported { profile: name(), key, place: profile.place(key) },
        None => PlanError::NoCredentials { profile: name(), place: profile.place("") },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_config::{Files, Sections};

    fn planned(lines: &str) -> Result<String, String> {
        let config =
            format!("[sso-session s]\nsso_start_url = u\nsso_region = r\n[profile p]\n{lines}");
        let files = Files::from_texts(&config, "");
        let sections = Sections::for_profile(&files, "p");
        let describe = |plan: SsoPlan<'_>| {
            let role = plan.role()?;
            Ok(format!("{} {} {}", plan.session, role.account_id, role.role_name))
        };
        plan(&sections.profile("p").unwrap())
            .and_then(describe)
            .map_err(|error: PlanError| error.to_string())
    }

    #[test]
    fn sso_keys_win_over_a_credential_process_and_static_keys() {
        let sso = "sso_session = s\nsso_account_id = 1\nsso_role_name = R\n";
        assert_eq!(planned(sso).as_deref(), Ok("s 1 R"));
        let process = format!("{sso}credential_process = keyfob credential-process --profile p\n");
        assert_eq!(planned(&process).as_deref(), Ok("s 1 R"));
        assert_eq!(planned(&format!("{sso}aws_access_key_id = A\n")).as_deref(), Ok("s 1 R"));
    }

    #[test]
    fn everything_else_is_refused_with_its_line() {
        for (lines, error) in [
            (
                "sso_session = s\nsso_account_id = 1\nsso_role_name = R\nrole_arn = a\n",
                "~/.aws/config:8: profile `p` has `role_arn` beside sso keys; name a \
                 `source_profile` instead",
            ),
            (
                "sso_session = s\nsso_account_id = 1\n",
                "~/.aws/config:4: profile `p` lacks sso_role_name",
            ),
            (
                "credential_process = x\n",
                "~/.aws/config:5: profile `p` gets its credentials by `credential_process`, only \
                 SSO is provided",
            ),
            (
                "region = x\n",
                "~/.aws/config:4: profile `p` has no credentials: it lacks sso_session or \
                 sso_start_url",
            ),
        ] {
            assert_eq!(planned(lines), Err(error.to_owned()), "{lines}");
        }
    }
}
