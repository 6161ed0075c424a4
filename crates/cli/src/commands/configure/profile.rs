//! `keyfob configure profile`

use std::collections::BTreeMap;

use providers::{Identity, Session, Target, resolve_in};
use shared_config::{Profile, SectionKind, Sections};

use super::portal::Portal;
use super::{Change, checks, make, missing, name, warn_of_rejected};
use crate::args::{ConfigureProfile, ProfileSettings};
use crate::env::World;
use crate::exit::{Exit, Failure};
use crate::ui::talk;
use crate::{net, prompt, regions};

/// Where the sign-in of the profile comes from.
pub(super) enum SignIn {
    Session(String),
    Legacy(String, String),
}

/// What a profile shall say.
pub(super) struct Wanted {
    pub(super) sign_in: SignIn,
    pub(super) account_id: String,
    pub(super) role_name: String,
    pub(super) region: Option<String>,
    pub(super) output: Option<String>,
    pub(super) credential_process: bool,
    pub(super) force: bool,
}

pub(crate) fn run(arguments: &ConfigureProfile) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let name = name(&world, arguments.edit, arguments.name.as_ref(), "Name of the profile:", "")?;
    let existing = sections.any_profile(&name);
    warn_of_rejected(existing.as_ref().map_err(Clone::clone));
    let existing = existing.ok();
    let force = arguments.edit.force;
    let settings = &arguments.settings;
    let mut region = settings.checked_region(force)?;
    let (mut account_id, mut role_name) = settings.role(existing.as_ref())?;
    let sign_in = sign_in_of(arguments, &world, &sections, existing.as_ref())?;
    if let Some(sign_in) = &sign_in
        && (account_id.is_none() || role_name.is_none())
        && prompt::can_choose(&world.environment)
    {
        let session = session(sign_in, &sections)?;
        let portal = Portal::new(&world, &session)?;
        let chosen = net::run(None, portal.choose_role(account_id.take(), role_name.take()))?;
        (account_id, role_name) = (Some(chosen.account.account_id), Some(chosen.role_name));
    }
    let absent = [
        ("--sso-session, or --start-url and --sso-region", sign_in.is_none()),
        ("--account-id", account_id.is_none()),
        ("--role-name", role_name.is_none()),
    ];
    let has_session = sign_in.is_some();
    let (Some(sign_in), Some(account_id), Some(role_name)) = (sign_in, account_id, role_name)
    else {
        let failure = missing(&absent);
        return Err(match sections.sso_sessions().next() {
            None if !has_session => failure.with_hint(
                "there is no sso-session yet: run `keyfob configure sso`, or give --start-url \
                 and --sso-region",
            ),
            _ => failure,
        });
    };

    let has_region = region.is_some() || existing.is_some_and(|it| it.get("region").is_some());
    if !has_region && prompt::is_possible() {
        region = ask_region(&sections, None, || Ok(session(&sign_in, &sections)?.region))?;
    }
    let (output, credential_process) = (settings.output.clone(), settings.credential_process);
    let wanted =
        Wanted { sign_in, account_id, role_name, region, output, credential_process, force };
    let change = wanted.change(&world, &sections, &name)?;
    make(&world, arguments.edit, &files, [&change])?;
    wanted.tell();
    Ok(())
}

impl ProfileSettings {
    /// The account and the role that are given, or else those of the profile that is there.
    pub(super) fn role(
        &self,
        existing: Option<&Profile<'_, '_>>,
    ) -> Result<(Option<String>, Option<String>), Failure> {
        let known = |key: &str| existing.and_then(|profile| profile.get(key)).map(str::to_owned);
        let account_id = self.account_id.clone().or_else(|| known("sso_account_id"));
        if let Some(account_id) = &account_id {
            checks::check_account_id(account_id).map_err(Failure::usage)?;
        }
        Ok((account_id, self.role_name.clone().or_else(|| known("sso_role_name"))))
    }

    /// The region that is given.
    pub(super) fn checked_region(&self, force: bool) -> Result<Option<String>, Failure> {
        let given = self.region.as_deref();
        given.map(|text| super::region(text, regions::check, force)).transpose()
    }
}

impl Wanted {
    /// Makes the change that brings the profile of this name about; fails where it says something
    /// else already.
    pub(super) fn change<'n>(
        &self,
        world: &World,
        sections: &Sections<'_>,
        name: &'n str,
    ) -> Result<Change<'n>, Failure> {
        let (mut set, unset) = match &self.sign_in {
            SignIn::Session(name) => {
                // Beside a session the Rust SDK refuses these, even where they agree.
                (vec![("sso_session", name.clone())], vec!["sso_start_url", "sso_region"])
            }
            SignIn::Legacy(start_url, region) => {
                let keys = [("sso_start_url", start_url.clone()), ("sso_region", region.clone())];
                (keys.into(), vec!["sso_session"])
            }
        };
        set.push(("sso_account_id", self.account_id.clone()));
        set.push(("sso_role_name", self.role_name.clone()));
        set.extend(self.region.clone().map(|region| ("region", region)));
        set.extend(self.output.clone().map(|output| ("output", output)));
        if self.credential_process {
            set.push(("credential_process", own_command(name)?));
        }
        let change = Change { kind: SectionKind::Profile, section: name, set, unset };
        if !self.force {
            change.check(world, sections)?;
        }
        Ok(change)
    }

    /// Tells who runs the command that was written.
    pub(super) fn tell(&self) {
        if self.credential_process {
            talk(
                "JavaScript runs credential_process; the AWS CLI, botocore, Go, Java, Kotlin and \
                 Rust prefer the sso keys beside it.",
            );
        }
    }
}

/// Asks for the region of a profile, with the one that it has, the one that most others have, or
/// else the one of the session.
pub(super) fn ask_region(
    sections: &Sections<'_>,
    known: Option<&str>,
    of_session: impl FnOnce() -> Result<String, Failure>,
) -> Result<Option<String>, Failure> {
    let default = match known.or_else(|| usual_region(sections)) {
        Some(region) => region.to_owned(),
        None => of_session()?,
    };
    let check = |text: &str| if text.is_empty() { Ok(()) } else { regions::check(text) };
    let answer = prompt::text_or(&default, "Region of the profile, or nothing:", check)?;
    Ok(Some(answer).filter(|answer| !answer.is_empty()))
}

/// The region that most profiles have; of several, the one that comes first in the alphabet.
fn usual_region<'s>(sections: &'s Sections<'_>) -> Option<&'s str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for section in sections.profiles() {
        if let Some(region) = sections.profile(section.name()).ok().and_then(|it| it.region()) {
            *counts.entry(region).or_default() += 1;
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(region, _)| region)
}

/// Fails where the profile gets its credentials otherwise: beside sso keys they would be a riddle.
pub(super) fn check_kind(
    world: &World,
    sections: &Sections<'_>,
    profile: &Profile<'_, '_>,
) -> Result<(), Failure> {
    let name = profile.name();
    let identity = resolve_in(sections, &world.environment, &Target::profile(name));
    let is_other = |identity: &Identity| identity.session().is_none() || !identity.hops.is_empty();
    let other = match identity.ok().filter(is_other) {
        Some(identity) => identity.kind(),
        None if profile.get("login_session").is_some() => "login_session",
        None => return Ok(()),
    };
    let place = profile.place("");
    Err(Failure::usage(format!("{place}: profile `{name}` gets its credentials by {other}"))
        .with_hint("take another name; --force writes sso keys beside it"))
}

fn sign_in_of(
    arguments: &ConfigureProfile,
    world: &World,
    sections: &Sections<'_>,
    existing: Option<&Profile<'_, '_>>,
) -> Result<Option<SignIn>, Failure> {
    if let Some(name) = &arguments.sso_session {
        sections.sso_session(name)?;
        return Ok(Some(SignIn::Session(name.clone())));
    }
    let known = |key: &str| existing.and_then(|profile| profile.get(key));
    let named = arguments.start_url.is_some() || arguments.sso_region.is_some();
    if let Some(name) = known("sso_session").filter(|_| !named) {
        return Ok(Some(SignIn::Session(name.to_owned())));
    }
    // What the profile says already may be as its owner wants it.
    let given = |flag: &Option<String>, key: &str, variable: &str| -> Result<_, Failure> {
        Ok(match (flag, known(key)) {
            (None, None) => world.environment.text(variable)?.map(str::to_owned),
            (flag, _) => flag.clone(),
        })
    };
    let given_url =
        given(&arguments.start_url, "sso_start_url", "AWS_CONFIGURE_SSO_DEFAULT_SSO_START_URL")?;
    let given_region =
        given(&arguments.sso_region, "sso_region", "AWS_CONFIGURE_SSO_DEFAULT_SSO_REGION")?;
    let start_url = given_url.map(|url| super::start_url(&url)).transpose()?;
    let force = arguments.edit.force;
    let region =
        given_region.map(|text| super::region(&text, regions::check_sso, force)).transpose()?;
    let owned = |text: &str| text.to_owned();
    let start_url = start_url.or_else(|| known("sso_start_url").map(owned));
    let region = region.or_else(|| known("sso_region").map(owned));
    if let (Some(start_url), Some(region)) = (start_url, region) {
        return Ok(Some(SignIn::Legacy(start_url, region)));
    }
    let sessions: Vec<String> =
        sections.sso_sessions().map(|section| section.name().to_owned()).collect();
    match sessions.as_slice() {
        [only] if !named => {
            talk(&format!("Session: {only}, the only one of the config."));
            Ok(Some(SignIn::Session(only.clone())))
        }
        [_, _, ..] if !named && prompt::can_choose(&world.environment) => {
            let index = net::run(None, prompt::choose("Session:", sessions.clone()))?;
            Ok(sessions.into_iter().nth(index).map(SignIn::Session))
        }
        _ => Ok(None),
    }
}

fn session(sign_in: &SignIn, sections: &Sections<'_>) -> Result<Session, Failure> {
    Ok(match sign_in {
        SignIn::Session(name) => Session::from(&sections.sso_session(name)?),
        SignIn::Legacy(start_url, region) => Session::legacy(start_url, region),
    })
}

/// The command line of this program, as every SDK reads it: an absolute path, in double quotes
/// where it has blanks.
fn own_command(profile: &str) -> Result<String, Failure> {
    let path = std::env::current_exe()
        .map_err(|error| Failure::new(Exit::Other, format!("where is keyfob? {error}")))?;
    let path = path.display().to_string();
    if path.contains(['"', '\'', '$', '`']) {
        let error = format!("the path {path} cannot be quoted so that every SDK reads it");
        return Err(Failure::new(Exit::Other, error).with_hint("move keyfob elsewhere"));
    }
    let path = if path.contains(' ') { format!("\"{path}\"") } else { path };
    Ok(format!("{path} credential-process --profile {profile}"))
}
