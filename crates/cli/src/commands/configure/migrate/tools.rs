//! How profiles say, in the words of other tools, where their credentials come from.

use std::path::Path;

use providers::is_account_id;
use shared_config::{Profile, Sections};

use super::Left;
use super::aws_sso_cli::{AwsSsoCli, DEFAULT, Portal, Role, parse_arn};
use super::command::{option, vault_profile};
use crate::args::Tool;

/// A profile that some tool is meant to serve.
pub(super) struct Found<'s, 'a> {
    pub(super) tool: Tool,
    pub(super) profile: Profile<'s, 'a>,
    /// The words of `credential_process` where it runs the tool.
    pub(super) command: Vec<String>,
}

/// What a profile becomes.
pub(super) enum Becomes {
    Sso(Says, Option<String>),
    /// A role that is assumed with the credentials of another profile.
    Role {
        role_arn: String,
        source_profile: String,
        region: Option<String>,
    },
}

/// Whose credentials something means, as far as it says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Says {
    pub(super) session: Option<String>,
    /// How a session would be named that is not there yet.
    pub(super) portal: Option<String>,
    pub(super) start_url: Option<String>,
    pub(super) region: Option<String>,
    pub(super) account_id: Option<String>,
    pub(super) role_name: Option<String>,
}

impl Says {
    /// Reads the keys of AWS, or else those of granted.
    pub(super) fn of(profile: &Profile<'_, '_>) -> Self {
        let get = |name: &str| profile.get(name).map(str::to_owned);
        let either = |name: &str| get(name).or_else(|| get(&format!("granted_{name}")));
        let session = get("sso_session");
        let is_legacy = session.is_none();
        Self {
            session,
            portal: None,
            start_url: either("sso_start_url").filter(|_| is_legacy),
            region: either("sso_region").filter(|_| is_legacy),
            account_id: either("sso_account_id"),
            role_name: either("sso_role_name"),
        }
    }

    /// Fills in what is not said.
    fn or(self, other: Self) -> Self {
        let has_portal = self.session.is_some() || self.start_url.is_some();
        let (session, start_url) = match has_portal {
            true => (self.session, self.start_url),
            false => (other.session, other.start_url),
        };
        Self {
            session,
            portal: None,
            start_url,
            region: self.region.or(other.region),
            account_id: self.account_id.or(other.account_id),
            role_name: self.role_name.or(other.role_name),
        }
    }

    fn has_role(&self) -> bool {
        let has_portal = self.session.is_some() || self.start_url.is_some();
        has_portal
            && self.account_id.as_deref().is_some_and(is_account_id)
            && self.role_name.is_some()
    }
}

impl<'s, 'a> Found<'s, 'a> {
    /// Tells which tool a profile is for, if it is for one at all.
    pub(super) fn of(profile: Profile<'s, 'a>) -> Option<Self> {
        let command = profile.setting("credential_process").map(|setting| setting.value());
        let command = command.and_then(|command| shlex::split(&command)).unwrap_or_default();
        let runs = |word: &str| command.iter().any(|known| known == word);
        let program = command.first().and_then(|program| Path::new(program).file_stem()?.to_str());
        let tool = match program.unwrap_or_default() {
            "aws-sso-credential-process" => Some(Tool::AwsSsoUtil),
            "aws-sso-util" if runs("credential-process") => Some(Tool::AwsSsoUtil),
            "granted" | "dgranted" if runs("credential-process") => Some(Tool::Granted),
            "aws-vault" if runs("exec") || runs("export") => Some(Tool::AwsVault),
            "aws-sso" if runs("process") => Some(Tool::AwsSsoCli),
            _ => None,
        };
        if let Some(tool) = tool {
            return Some(Self { tool, profile, command });
        }
        let has = |name: &str| profile.get(name).is_some();
        let is_legacy = has("sso_start_url") && !has("sso_session");
        let tool = if has("granted_sso_start_url") && !has("sso_session") {
            Tool::Granted
        } else if is_legacy && has("sso_auto_populated") {
            Tool::AwsSsoUtil
        } else if is_legacy && (has("common_fate_generated_from") || has("granted_generated_from"))
        {
            Tool::Granted
        } else if is_legacy {
            Tool::AwsCli
        } else {
            return None;
        };
        Some(Self { tool, profile, command: Vec::new() })
    }

    /// Tells what the profile becomes, or why it stays as it is.
    pub(super) fn becomes(
        &self,
        sections: &Sections<'_>,
        aws_sso: &AwsSsoCli,
    ) -> Result<Becomes, Left> {
        let own = Says::of(&self.profile);
        let says = match self.tool {
            _ if self.command.is_empty() => own,
            Tool::AwsCli => own,
            Tool::AwsSsoUtil => {
                let option = |names: &[&str]| option(&self.command, names);
                let said = Says {
                    session: None,
                    portal: None,
                    start_url: option(&["--start-url", "--sso-start-url", "-u"]),
                    region: option(&["--sso-region", "--region"]),
                    account_id: option(&["--account-id", "--account", "-a"]),
                    role_name: option(&["--role-name", "--role", "-r"]),
                };
                let named = option(&["--profile"]);
                said.or(self.named(sections, named)?.unwrap_or(own))
            }
            Tool::Granted => {
                if option(&self.command, &["--url"]).is_some() {
                    let reason = "roles that are requested by --url have no counterpart";
                    return Err(self.left(reason));
                }
                let named = option(&self.command, &["--profile"]);
                self.named(sections, named)?.unwrap_or(own)
            }
            Tool::AwsVault => self.named(sections, vault_profile(&self.command))?.unwrap_or(own),
            Tool::AwsSsoCli => return self.of_aws_sso(sections, aws_sso),
        };
        if self.tool == Tool::AwsCli || says.has_role() {
            return Ok(Becomes::Sso(says, None));
        }
        Err(self.left(match self.tool {
            Tool::AwsVault | Tool::Granted if says == Says::default() => {
                "keys in the keychain of the tool are not taken over"
            }
            _ => "it lacks start URL, account or role, without which it would not work",
        }))
    }

    /// What another profile says that the command names.
    fn named(&self, sections: &Sections<'_>, name: Option<String>) -> Result<Option<Says>, Left> {
        let Some(name) = name.filter(|name| name != self.profile.name()) else { return Ok(None) };
        match sections.profile(&name) {
            Ok(profile) if profile.get("role_arn").is_some() => {
                Err(self.left(&format!("it means `{name}`, which assumes a role")))
            }
            Ok(profile) => Ok(Some(Says::of(&profile))),
            Err(error) => Err(self.left(&error.to_string())),
        }
    }

    fn of_aws_sso(&self, sections: &Sections<'_>, aws_sso: &AwsSsoCli) -> Result<Becomes, Left> {
        let option = |names: &[&str]| option(&self.command, names);
        let name = option(&["--sso", "-S"]);
        let Some(portal) = aws_sso.portal(name.as_deref()) else {
            let name = name.as_deref().unwrap_or(&aws_sso.default);
            return Err(self.left(&format!("config.yaml of aws-sso has no SSOConfig `{name}`")));
        };
        let by_profile = option(&["--profile", "-p"]);
        let by_profile =
            portal.roles.iter().find(|it| it.profile.is_some() && it.profile == by_profile);
        let arn = option(&["--arn", "-a"]).or_else(|| by_profile.map(Role::arn));
        let said = option(&["--account", "-A"]).zip(option(&["--role", "-R"]));
        let said = said.map(|(account_id, name)| (format!("{account_id:0>12}"), name));
        let Some((account_id, role_name)) = arn.as_deref().and_then(parse_arn).or(said) else {
            return Err(self.left("which role is meant cannot be seen"));
        };
        let role = portal.role(&account_id, &role_name);
        let of_role = role.map(|role| &role.default_region);
        let region = of_role.unwrap_or(&portal.default_region).clone();
        match role.filter(|role| role.via.is_some()) {
            Some(role) => {
                let arn = arn.unwrap_or_else(|| role.arn());
                chained(role, arn, sections, aws_sso).map_err(|reason| self.left(&reason))
            }
            None => match portal.says(&account_id, &role_name) {
                says if says.has_role() => Ok(Becomes::Sso(says, region)),
                _ => Err(self.left(&format!("{}: StartUrl or SSORegion is missing", portal.place))),
            },
        }
    }

    /// Fails where the profile itself means somebody else: SDKs disagree then who counts.
    pub(super) fn check_agrees(&self, becomes: &Becomes) -> Result<(), Left> {
        let own = Says::of(&self.profile);
        let (account_id, role_name) = match becomes {
            Becomes::Sso(says, _) => (&says.account_id, &says.role_name),
            Becomes::Role { .. } => (&None, &None),
        };
        let is_other = |own: &Option<String>, said| own.is_some() && own != said;
        if is_other(&own.account_id, account_id) || is_other(&own.role_name, role_name) {
            return Err(self.left("its sso keys and its command mean different roles"));
        }
        let others = ["role_arn", "aws_access_key_id", "login_session"];
        match others.iter().find(|name| self.profile.get(name).is_some()) {
            Some(name) if self.tool != Tool::AwsCli => {
                Err(self.left(&format!("it has {name}, too: SDKs disagree which one counts")))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn left(&self, reason: &str) -> Left {
        let place = self.profile.place("credential_process").to_string();
        Left { place, reason: format!("profile `{}`: {reason}", self.profile.name()) }
    }
}

impl Portal {
    pub(super) fn says(&self, account_id: &str, role_name: &str) -> Says {
        Says {
            session: None,
            // What aws-sso calls it where nobody has said more.
            portal: Some(self.name.clone()).filter(|name| name != DEFAULT),
            start_url: self.start_url.clone().filter(|_| self.region.is_some()),
            region: self.region.clone(),
            account_id: Some(account_id.to_owned()),
            role_name: Some(role_name.to_owned()),
        }
    }
}

/// A role that is assumed with another one, for which there has to be a profile.
pub(super) fn chained(
    role: &Role,
    role_arn: String,
    sections: &Sections<'_>,
    aws_sso: &AwsSsoCli,
) -> Result<Becomes, String> {
    let via = role.via.as_deref().unwrap_or_default();
    if role.source_identity.is_some() {
        return Err("SourceIdentity has no counterpart".to_owned());
    }
    let runs_via = |profile: &Profile<'_, '_>| {
        let found = Found::of(*profile).filter(|found| found.tool == Tool::AwsSsoCli);
        found.is_some_and(|it| option(&it.command, &["--arn", "-a"]).as_deref() == Some(via))
            || parse_arn(via).is_some_and(|(account_id, role_name)| {
                profile.get("sso_account_id") == Some(&account_id)
                    && profile.get("sso_role_name") == Some(&role_name)
            })
    };
    let profiles = sections.each_profile().filter_map(|(_, profile)| profile.ok());
    let of_config = profiles.filter(runs_via).map(|it| it.name().to_owned()).next();
    let mut roles = aws_sso.portals.iter().flat_map(|portal| &portal.roles);
    let of_yaml = || roles.find(|it| it.arn() == via).and_then(|it| it.profile.clone());
    match of_config.or_else(of_yaml) {
        Some(source_profile) => {
            let region = role.default_region.clone();
            Ok(Becomes::Role { role_arn, source_profile, region })
        }
        None => Err(format!("Via: there is no profile of {via}")),
    }
}
