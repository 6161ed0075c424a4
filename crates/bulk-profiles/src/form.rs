use std::borrow::Cow;

use shared_config::{Document, Section};

use crate::AssignedRole;
use crate::marker::{self, Identity, Marker, digest};

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
    /// As `aws-sso-util configure populate` writes them, whose profiles are taken over.
    Populated {
        /// The start URL.
        start_url: String,
        /// The region of Identity Center.
        region: String,
        /// The command that ` --profile NAME` is put behind, as a shell reads it; none: profiles
        /// have no `credential_process`.
        command: Option<String>,
        /// Further settings.
        more: Vec<(String, String)>,
        /// What happens to settings that a profile has already.
        existing: Existing,
    },
}

/// What happens to further settings of a profile that is there (`--existing-config-action`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the choices that aws-sso-util has")]
pub enum Existing {
    /// One that is there stays.
    #[default]
    Keep,
    /// One that is given is written.
    Overwrite,
    /// Those that are not given are removed.
    Discard,
}

/// The settings that are written, and that are compared with what stands there.
pub(crate) const MANAGED: [&str; 9] = [
    "sso_session",
    "sso_start_url",
    "sso_region",
    "sso_account_id",
    "sso_role_name",
    "region",
    "credential_process",
    "sso_account_name",
    "sso_auto_populated",
];

impl Form {
    /// Whether a setting is one that profiles get by their role or by the form.
    pub fn manages(setting: &str) -> bool {
        setting == marker::NAME || MANAGED.contains(&setting)
    }

    /// Returns the settings of the profile of a role, in the order in which they are written.
    pub(crate) fn settings<'r>(
        &'r self,
        role: &AssignedRole<'r>,
        session: &'r str,
        profile: &str,
    ) -> Vec<(&'r str, Cow<'r, str>)> {
        let text = |text: &'r str| Cow::Borrowed(text);
        let of_role =
            [("sso_account_id", text(role.account_id)), ("sso_role_name", text(role.role_name))];
        let region = role.region.map(|region| ("region", text(region))).into_iter();
        // Names of sessions, roles and profiles may have blanks, but no NUL.
        let quoted = |word: &str| shlex::try_quote(word).unwrap_or_default().into_owned();
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
                let command = format!(
                    "{program} credential-process --sso-session {} --account-id {} --role-name {}",
                    quoted(session),
                    role.account_id,
                    quoted(role.role_name)
                );
                region.chain([("credential_process", command.into())]).collect()
            }
            Self::Populated { start_url, region: sso_region, command, more, .. } => {
                let portal = [("sso_start_url", text(start_url)), ("sso_region", text(sso_region))];
                // It is for people: where some tool would read another one, it is left out.
                let account = role.account_name.map(str::trim);
                let account = account.filter(|name| Document::takes_value(name));
                let account = account.map(|name| ("sso_account_name", text(name)));
                let more = more.iter().map(|(name, value)| (name.as_str(), text(value)));
                let command = command.iter().map(|command| {
                    let command = format!("{command} --profile {}", quoted(profile));
                    ("credential_process", command.into())
                });
                let is_populated = ("sso_auto_populated", text("true"));
                let settings = portal.into_iter().chain(account).chain(of_role).chain(region);
                settings.chain(more).chain(command).chain([is_populated]).collect()
            }
        }
    }

    /// Returns what a profile is of that aws-sso-util made, and that this form takes over.
    pub(crate) fn adopted<'a>(
        &self,
        section: Section<'_, 'a>,
        wanted: &[AssignedRole<'_>],
    ) -> Option<Marker<'a>> {
        let Self::Populated { start_url, .. } = self else { return None };
        let value = |name: &str| section.value(name);
        if value("sso_auto_populated") != Some("true") || value("sso_start_url") != Some(start_url)
        {
            return None;
        }
        let (account_id, role_name) = (value("sso_account_id")?, value("sso_role_name")?);
        // A region has the same number for all roles.
        let is_of = |role: &&AssignedRole<'_>| role.region == value("region");
        let identity = Identity {
            account_id: account_id.into(),
            role_name: role_name.into(),
            region_index: wanted.iter().find(is_of).map_or(0, |role| role.region_index),
        };
        Some(Marker {
            identity,
            digest: digest(&[], value).into(),
            joined: false,
            more: Vec::new(),
        })
    }
}
