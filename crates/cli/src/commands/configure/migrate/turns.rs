//! What is done with the profiles, and what is not.

use clap::ValueEnum;
use shared_config::{
    Document, EditError, FileKind, Profile, ProfileEdit, Section, SectionKind, Sections,
};

use super::aws_sso_cli::{AwsSsoCli, Portal};
use super::tools::{Becomes, Found, Says, chained};
use super::{Left, name_of};
use crate::args::Tool;
use crate::commands::configure::{check_name, checks, free_name};
use crate::paste::quote;
use crate::ui::talk;

/// A session that profiles get; new ones are written.
struct Session {
    name: String,
    start_url: String,
    region: String,
    is_new: bool,
}

/// What is done, and what is not.
#[derive(Default)]
pub(super) struct Turns {
    edits: Vec<ProfileEdit>,
    /// The tools that the profiles were for.
    pub(super) tools: Vec<Tool>,
    sessions: Vec<Session>,
    /// The sessions that profiles get.
    used: Vec<String>,
    pub(super) left: Vec<Left>,
    /// Why profiles are not read.
    pub(super) unread: Vec<String>,
}

/// Settings that contradict a session, or by which a tool takes the profile for its own.
const OBSOLETE: [&str; 8] = [
    "sso_start_url",
    "sso_region",
    "granted_sso_start_url",
    "granted_sso_region",
    "granted_sso_account_id",
    "granted_sso_role_name",
    "common_fate_generated_from",
    "granted_generated_from",
];

/// Settings that aws-vault reads and no SDK does.
const OF_AWS_VAULT: [&str; 5] = [
    "include_profile",
    "mfa_process",
    "session_tags",
    "transitive_session_tags",
    "web_identity_token_process",
];

impl Turns {
    pub(super) fn of(sections: &Sections<'_>) -> Self {
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let session = |section: Section<'_, '_>| Session {
            name: section.name().to_owned(),
            start_url: text(section.value("sso_start_url")),
            region: text(section.value("sso_region")),
            is_new: false,
        };
        Self { sessions: sections.sso_sessions().map(session).collect(), ..Self::default() }
    }

    /// Whether nothing is written.
    pub(super) fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.sessions.iter().all(|session| !session.is_new)
    }

    /// Plans what becomes of a profile.
    pub(super) fn turn(
        &mut self,
        found: &Found<'_, '_>,
        sections: &Sections<'_>,
        aws_sso: &AwsSsoCli,
    ) -> Result<(), Left> {
        let profile = &found.profile;
        let has = |name: &&str| profile.setting(name).is_some();
        let mut unset: Vec<&str> = OBSOLETE.iter().copied().filter(has).collect();
        if !found.command.is_empty() {
            unset.push("credential_process");
        }
        let is_elsewhere = |name: &&&str| {
            profile.setting(name).is_some_and(|setting| setting.file() == FileKind::Credentials)
        };
        if let Some(key) = unset.iter().find(is_elsewhere) {
            let reason = format!("{key}: move it to the config file first");
            return Err(Left { place: profile.place(key).to_string(), reason });
        }
        let becomes = found.becomes(sections, aws_sso)?;
        found.check_agrees(&becomes)?;
        let says_region = profile.region().is_some();
        let (set, region) = match becomes {
            Becomes::Sso(says, region) => {
                let session = self.session_of(&says, sections);
                let session = session.map_err(|reason| found.left(&reason))?;
                (settings(session, says), region)
            }
            Becomes::Role { role_arn, source_profile, region } => {
                (vec![("role_arn", role_arn), ("source_profile", source_profile)], region)
            }
        };
        let region = region.filter(|_| !says_region).map(|region| ("region", region));
        let is_new = |(name, value): &(&str, String)| profile.get(name) != Some(value.as_str());
        let set: Vec<_> = set
            .into_iter()
            .chain(region)
            .filter(is_new)
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let unset = unset.into_iter().map(str::to_owned).collect();
        self.edits.push(ProfileEdit::change(profile.name(), set, unset));
        self.tools.push(found.tool);
        Ok(())
    }

    /// Plans the session of an `SSOConfig`, and the profiles that it names and that are not there.
    pub(super) fn take_over(
        &mut self,
        portal: &Portal,
        sections: &Sections<'_>,
        aws_sso: &AwsSsoCli,
    ) {
        let says = portal.says("", "");
        let session = match self.session_of(&says, sections) {
            Ok(session) => session,
            Err(reason) => return self.left.push(Left { place: portal.place.clone(), reason }),
        };
        for role in &portal.roles {
            let Some(name) = &role.profile else { continue };
            if sections.any_profile(name).is_ok() {
                continue;
            }
            let place = role.place.clone();
            let becomes = match role.via {
                Some(_) => chained(role, role.arn(), sections, aws_sso),
                None => {
                    let says = portal.says(&role.account_id, &role.role_name);
                    Ok(Becomes::Sso(says, role.default_region.clone()))
                }
            };
            let becomes = check_name(name).and(becomes);
            let (mut set, region) = match becomes {
                Ok(Becomes::Sso(says, region)) => (settings(session.clone(), says), region),
                Ok(Becomes::Role { role_arn, source_profile, region }) => {
                    (vec![("role_arn", role_arn), ("source_profile", source_profile)], region)
                }
                Err(reason) => {
                    let reason = format!("profile `{name}`: {reason}");
                    self.left.push(Left { place, reason });
                    continue;
                }
            };
            set.extend(region.map(|region| ("region", region)));
            let set = set.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            self.edits.push(ProfileEdit::add(name, set));
            self.tools.push(Tool::AwsSsoCli);
        }
    }

    /// Finds or makes the session of a portal; a new one gets a name that is wanted, if it is free.
    fn session_of(&mut self, says: &Says, sections: &Sections<'_>) -> Result<String, String> {
        let name = match (&says.session, &says.start_url, &says.region) {
            (Some(name), ..) => {
                sections.sso_session(name).map_err(|error| error.to_string())?;
                name.clone()
            }
            (None, Some(start_url), Some(region)) => {
                let start_url = clean(start_url);
                let same = |session: &&Session| {
                    clean(&session.start_url) == start_url && session.region == *region
                };
                match self.sessions.iter().find(same) {
                    Some(session) => session.name.clone(),
                    None => self.add_session(start_url, region.clone(), says.portal.as_deref()),
                }
            }
            (None, None, _) => return Err("it has no start URL".to_owned()),
            (None, _, None) => return Err("it lacks sso_region".to_owned()),
        };
        if !self.used.contains(&name) {
            self.used.push(name.clone());
        }
        Ok(name)
    }

    fn add_session(&mut self, start_url: String, region: String, wanted: Option<&str>) -> String {
        let is_free = |name: &str| self.sessions.iter().all(|session| session.name != name);
        let wanted = wanted.filter(|name| check_name(name).is_ok() && is_free(name));
        let name = wanted.map_or_else(|| free_name(&start_url, is_free), str::to_owned);
        self.sessions.push(Session { name: name.clone(), start_url, region, is_new: true });
        name
    }

    /// Tells of settings that no SDK reads; what keyfob reads only where aws-vault is asked about.
    pub(super) fn tell_of_aws_vault(&mut self, profile: &Profile<'_, '_>, is_asked: bool) {
        for key in OF_AWS_VAULT {
            if profile.get(key).is_some() && (is_asked || key != "mfa_process") {
                let reason = match key {
                    "mfa_process" => {
                        "mfa_process: aws-vault and keyfob read it, no SDK does".to_owned()
                    }
                    _ => format!("{key}: aws-vault alone reads it"),
                };
                self.left.push(Left { place: profile.place(key).to_string(), reason });
            }
        }
    }

    pub(super) fn apply(&self, document: &mut Document) -> Result<(), EditError> {
        document.edit_profiles(&self.edits)?;
        for session in self.sessions.iter().filter(|session| session.is_new) {
            let kind = SectionKind::SsoSession;
            document.set(kind, &session.name, "sso_start_url", &session.start_url)?;
            document.set(kind, &session.name, "sso_region", &session.region)?;
            document.set(kind, &session.name, "sso_registration_scopes", "sso:account:access")?;
        }
        Ok(())
    }

    /// Tells how many profiles were turned, and how to go on.
    pub(super) fn tell(&self, dry_run: bool) {
        for tool in Tool::value_variants() {
            match self.tools.iter().filter(|known| *known == tool).count() {
                0 => {}
                1 => talk(&format!("1 profile of {}.", name_of(*tool))),
                count => talk(&format!("{count} profiles of {}.", name_of(*tool))),
            }
        }
        if dry_run {
            return;
        }
        talk(
            "Sessions can be refreshed for as long as your administrator allows; sign-ins of legacy \
             profiles could not, and no sign-in is taken over. Sign in anew with",
        );
        let mut names = self.used.clone();
        names.sort_unstable();
        names.iter().for_each(|it| talk(&format!("  keyfob login --sso-session {}", quote(it))));
    }
}

/// The settings of a profile with a session.
fn settings(session: String, says: Says) -> Vec<(&'static str, String)> {
    let account_id = says.account_id.map(|account_id| ("sso_account_id", account_id));
    let role_name = says.role_name.map(|role_name| ("sso_role_name", role_name));
    let session = ("sso_session", session);
    [Some(session), account_id, role_name].into_iter().flatten().collect()
}

/// A start URL as the browser has it, or as granted's library quotes it.
fn clean(start_url: &str) -> String {
    let unquoted = start_url.trim_matches('`').replace("\\#", "#");
    checks::start_url(&unquoted).unwrap_or(unquoted)
}
