//! `keyfob configure migrate`

use shared_config::{Document, EditError, FileKind, Profile, SectionKind, Sections};

use super::{edit, free_name};
use crate::args::{Edit, Migrate};
use crate::env::World;
use crate::exit::Failure;
use crate::ui::talk;

/// A legacy profile and the session that it gets.
struct Turn {
    profile: String,
    session: String,
}

/// A session that profiles get; new ones are written.
struct Session {
    name: String,
    start_url: String,
    region: String,
    is_new: bool,
}

pub(crate) fn run(arguments: &Migrate) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    let mut sessions = known_sessions(&sections);
    let mut turns = Vec::new();
    match &arguments.profile {
        Some(name) => {
            let profile = sections.profile(name)?;
            if !is_legacy(&profile) {
                let place = profile.place("");
                let error = format!("{place}: profile `{name}` has no sso_start_url of its own");
                return Err(Failure::usage(error));
            }
            turns.push(turn(&profile, &mut sessions)?);
        }
        None => {
            for section in sections.profiles() {
                let profile = sections.profile(section.name())?;
                if is_legacy(&profile) {
                    turns.push(turn(&profile, &mut sessions)?);
                }
            }
        }
    }
    if turns.is_empty() {
        talk("There is no legacy profile.");
        return Ok(());
    }
    let how = Edit { dry_run: arguments.dry_run, force: true };
    edit(&world, how, |document| apply(document, &turns, &sessions))?;
    if arguments.dry_run {
        return Ok(());
    }
    let mut names: Vec<&str> = turns.iter().map(|turn| turn.session.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    talk(
        "Sessions can be refreshed for as long as your administrator allows; the sign-ins of the \
         legacy profiles could not, and are not taken over. Sign in anew with",
    );
    names.iter().for_each(|name| talk(&format!("  keyfob login --sso-session {name}")));
    Ok(())
}

fn known_sessions(sections: &Sections<'_>) -> Vec<Session> {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    sections
        .sso_sessions()
        .map(|section| Session {
            name: section.name().to_owned(),
            start_url: text(section.value("sso_start_url")),
            region: text(section.value("sso_region")),
            is_new: false,
        })
        .collect()
}

fn is_legacy(profile: &Profile<'_, '_>) -> bool {
    profile.get("sso_start_url").is_some() && profile.get("sso_session").is_none()
}

/// Finds or makes the session of a legacy profile.
fn turn(profile: &Profile<'_, '_>, sessions: &mut Vec<Session>) -> Result<Turn, Failure> {
    let place = profile.place("sso_start_url");
    for key in ["sso_start_url", "sso_region"] {
        let setting = profile.setting(key);
        if setting.is_some_and(|setting| setting.file() == FileKind::Credentials) {
            let error = format!("{}: move it to the config file first", profile.place(key));
            return Err(Failure::usage(error));
        }
    }
    let (Some(start_url), Some(region)) = (profile.get("sso_start_url"), profile.get("sso_region"))
    else {
        let error = format!("{place}: profile `{}` lacks sso_region", profile.name());
        return Err(Failure::usage(error));
    };
    let same = |session: &&Session| session.start_url == start_url && session.region == region;
    let session = match sessions.iter().find(same) {
        Some(session) => session.name.clone(),
        None => {
            let name = free_name(start_url, |name| sessions.iter().all(|it| it.name != name));
            sessions.push(Session {
                name: name.clone(),
                start_url: start_url.to_owned(),
                region: region.to_owned(),
                is_new: true,
            });
            name
        }
    };
    Ok(Turn { profile: profile.name().to_owned(), session })
}

fn apply(document: &mut Document, turns: &[Turn], sessions: &[Session]) -> Result<(), EditError> {
    let kind = SectionKind::Profile;
    for turn in turns {
        document.unset(kind, &turn.profile, "sso_start_url");
        document.unset(kind, &turn.profile, "sso_region");
        document.set(kind, &turn.profile, "sso_session", &turn.session)?;
    }
    for session in sessions.iter().filter(|session| session.is_new) {
        let kind = SectionKind::SsoSession;
        document.set(kind, &session.name, "sso_start_url", &session.start_url)?;
        document.set(kind, &session.name, "sso_region", &session.region)?;
        document.set(kind, &session.name, "sso_registration_scopes", "sso:account:access")?;
    }
    Ok(())
}
