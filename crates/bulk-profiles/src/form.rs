use crate::AssignedRole;

/// How profiles say where credentials come from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// By `sso_session`, which the SDKs of today read.
    Session,
    /// By `sso_start_url` and `sso_region`, for tools that know no sso-session.
    Legacy {
        /// The start URL.
        start_url: String,
        /// The region of Identity Center.
        region: String,
    },
    /// By a command, for tools that know neither.
    CredentialProcess {
        /// The program, as a shell reads it.
        program: String,
    },
}

/// The settings that are written, and that are compared with what stands there.
pub(crate) const MANAGED: [&str; 7] = [
    "sso_session",
    "sso_start_url",
    "sso_region",
    "sso_account_id",
    "sso_role_name",
    "region",
    "credential_process",
];

impl Form {
    /// Returns the settings of the profile of a role, in the order of [`MANAGED`].
    pub(crate) fn settings(
        &self,
        role: &AssignedRole,
        session: &str,
    ) -> Vec<(&'static str, String)> {
        let text = |text: &str| text.to_owned();
        let of_role =
            [("sso_account_id", text(&role.account_id)), ("sso_role_name", text(&role.role_name))];
        let region = role.region.iter().map(|region| ("region", region.clone()));
        match self {
            Self::Session => {
                let session = ("sso_session", text(session));
                std::iter::once(session).chain(of_role).chain(region).collect()
            }
            Self::Legacy { start_url, region: sso_region } => {
                let portal = [("sso_start_url", text(start_url)), ("sso_region", text(sso_region))];
                portal.into_iter().chain(of_role).chain(region).collect()
            }
            Self::CredentialProcess { program } => {
                // Names of sessions and roles may have blanks, but no NUL.
                let quoted = |word: &str| shlex::try_quote(word).unwrap_or_default().into_owned();
                let command = format!(
                    "{program} credential-process --sso-session {} --account-id {} --role-name {}",
                    quoted(session),
                    role.account_id,
                    quoted(&role.role_name)
                );
                region.chain([("credential_process", command)]).collect()
            }
        }
    }
}
