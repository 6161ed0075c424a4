//! What the values of options may be, as the files of this machine have it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, is_separator};

use assignments::Assigned;
use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter};
use is_executable::IsExecutable;
use providers::{Target, is_account_id, resolve_in};
use shared_config::Sections;

use super::Line;
use crate::args::SessionArgs;
use crate::env::World;
use crate::labels::Labels;
use crate::profile_row::ProfileRow;
use crate::regions;
use crate::sessions::{self, Configured};

/// What knows the values of an option.
pub(crate) type Values = fn() -> Vec<CompletionCandidate>;

/// The profiles, each with its account and role.
pub(crate) fn profiles() -> Vec<CompletionCandidate> {
    known(|world, sections| {
        let rows = sections.profiles().map(|section| {
            let name = section.name();
            // One that is broken is completed too: `explain` tells what is wrong with it.
            let Ok(profile) = sections.profile(name) else { return candidate(name, "") };
            let mut row = ProfileRow::new(&profile, None);
            // Where it leads is found out only where it does not say whose role it has: there may be
            // thousands, and a person waits.
            if row.account_id.is_none() {
                let identity = resolve_in(sections, &world.environment, &Target::profile(name));
                row = ProfileRow::new(&profile, identity.as_ref().ok());
            }
            let kind = row.kind.map(str::to_owned);
            let help = [row.account_id.or(kind), row.role_name];
            candidate(name, &help.into_iter().flatten().collect::<Vec<_>>().join(" "))
        });
        rows.flatten().collect()
    })
}

/// The sso-sessions, each with its start URL.
pub(crate) fn sso_sessions() -> Vec<CompletionCandidate> {
    known(|_, sections| {
        let sessions = sections.sso_sessions().map(|section| {
            let session = sections.sso_session(section.name()).ok();
            candidate(section.name(), session.map_or("", |session| session.start_url))
        });
        sessions.flatten().collect()
    })
}

/// The sso-sessions, then the profiles.
pub(crate) fn sso_sessions_and_profiles() -> Vec<CompletionCandidate> {
    sso_sessions().into_iter().chain(profiles()).collect()
}

/// The accounts of the profiles and of the index, each with its name.
pub(crate) fn account_ids() -> Vec<CompletionCandidate> {
    known(|world, sections| {
        let line = Line::typed();
        let mut accounts: BTreeMap<String, String> = BTreeMap::new();
        for configured in meant(world, sections, line.as_ref()) {
            for role in &configured.roles {
                accounts.entry(role.account_id.to_owned()).or_default();
            }
            for Assigned { account, .. } in index(world, &configured) {
                let name = account.account_name.unwrap_or_default();
                accounts.insert(account.account_id, name);
            }
        }
        accounts.retain(|id, _| is_account_id(id));
        accounts.iter().filter_map(|(id, name)| candidate(id, name)).collect()
    })
}

/// The roles of the profiles and of the index: those of the account that is on the line, or in the
/// profile there, else those of all accounts, each with its account.
pub(crate) fn role_names() -> Vec<CompletionCandidate> {
    known(|world, sections| {
        let line = Line::typed();
        let account = line.as_ref().and_then(|line| account(line, sections));
        let is_meant = |id: &str| account.as_deref().is_none_or(|account| account == id);
        let mut roles: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut names = BTreeMap::new();
        for configured in meant(world, sections, line.as_ref()) {
            for role in configured.roles.iter().filter(|role| is_meant(role.account_id)) {
                let accounts = roles.entry(role.role_name.to_owned()).or_default();
                accounts.insert(role.account_id.to_owned());
            }
            let known = index(world, &configured).into_iter();
            for assigned in known.filter(|known| is_meant(&known.account.account_id)) {
                let id = &assigned.account.account_id;
                for role_name in assigned.role_names() {
                    roles.entry(role_name.clone()).or_default().insert(id.clone());
                }
                names.insert(id.clone(), assigned.account.account_name.unwrap_or_default());
            }
        }
        // A server says these: nothing that a shell could take for more than a word.
        roles.retain(|role_name, _| role_name.chars().all(is_of_role_name));
        let help = |accounts: &BTreeSet<String>| match accounts.first() {
            Some(id) if accounts.len() == 1 => {
                let name = names.get(id).filter(|name: &&String| !name.is_empty());
                name.map_or_else(|| id.clone(), |name| format!("{id} {name}"))
            }
            _ => format!("{} accounts", accounts.len()),
        };
        roles.iter().filter_map(|(name, accounts)| candidate(name, &help(accounts))).collect()
    })
}

/// The regions of AWS that this version knows.
pub(crate) fn regions() -> Vec<CompletionCandidate> {
    regions::ALL.iter().map(CompletionCandidate::new).collect()
}

/// The short names of services.
pub(crate) fn console_services() -> Vec<CompletionCandidate> {
    let names = signin_proto::SERVICES.iter();
    names.map(|service| CompletionCandidate::new(service.name)).collect()
}

/// Those that can have an Identity Center.
pub(crate) fn sso_regions() -> Vec<CompletionCandidate> {
    let regions = regions::ALL.iter().filter(|region| regions::check_sso(region).is_ok());
    regions.map(CompletionCandidate::new).collect()
}

/// A word of the command of `exec`: the program, or paths behind it. What else its arguments may be,
/// only the shell knows.
pub(crate) fn program(word: &OsStr) -> Vec<CompletionCandidate> {
    let has_path = word.to_string_lossy().contains(is_separator);
    let is_program = Line::typed().and_then(|line| line.words_of_command()).is_none_or(|at| at < 2);
    match (is_program, has_path) {
        (false, _) => PathCompleter::any().complete(word),
        (true, true) => PathCompleter::any().filter(|path| path.is_executable()).complete(word),
        // All programs of a machine are of no help.
        (true, false) if word.is_empty() => Vec::new(),
        (true, false) => {
            let environment = World::capture_environment();
            let path = environment.get_os("PATH").unwrap_or_default().to_owned();
            let is_program = |path: &Path| path.is_executable();
            let mut found: BTreeSet<_> = BTreeSet::new();
            for directory in std::env::split_paths(&path) {
                let files = PathCompleter::file().filter(is_program).current_dir(directory);
                let files = files.complete(word).into_iter();
                found.extend(files.map(|file| file.get_value().to_owned()));
            }
            // What ends in a separator is a directory, which nobody can run.
            found.retain(|name| !name.to_string_lossy().ends_with(is_separator));
            found.into_iter().map(CompletionCandidate::new).collect()
        }
    }
}

/// Reads the configuration; one that cannot be read has no values.
fn known(
    values: impl FnOnce(&World, &Sections<'_>) -> Vec<CompletionCandidate>,
) -> Vec<CompletionCandidate> {
    let Ok(world) = World::capture() else { return Vec::new() };
    let Ok(files) = world.files() else { return Vec::new() };
    values(&world, &Sections::parse(&files))
}

/// The session that the line means, or all of them.
fn meant<'s>(
    world: &World,
    sections: &'s Sections<'_>,
    line: Option<&Line>,
) -> Vec<Configured<'s>> {
    let said = line.map(Line::session).unwrap_or_default();
    if said != SessionArgs::default()
        && let Ok(chosen) = sessions::chosen(sections, &world.environment, &said)
    {
        return vec![chosen];
    }
    sessions::all(sections).0
}

/// What is known of the accounts and roles of a session, however old.
fn index(world: &World, configured: &Configured<'_>) -> Vec<Assigned> {
    let mut all = configured.index(&world.caches()).assigned().to_vec();
    Labels::load(world).unwrap_or_default().rename(&mut all);
    all
}

/// The account that the line means.
fn account(line: &Line, sections: &Sections<'_>) -> Option<String> {
    let said = line.value_of("account-id").or_else(|| line.value_of("account"));
    let of_profile = || {
        let profile = sections.profile(line.value_of("profile")?).ok()?;
        profile.get("sso_account_id")
    };
    said.filter(|text| is_account_id(text)).or_else(of_profile).map(str::to_owned)
}

/// Whether the name of a role may have this character, as IAM says it.
fn is_of_role_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)
}

/// What a shell shows. A name with characters that nobody sees is left out: it would be another one
/// on the terminal.
fn candidate(value: &str, help: &str) -> Option<CompletionCandidate> {
    if value.is_empty() || value.chars().any(wire::is_hidden) {
        return None;
    }
    let help = (!help.is_empty()).then(|| wire::printable(help).into());
    Some(CompletionCandidate::new(value).help(help))
}
