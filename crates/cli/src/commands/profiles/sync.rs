//! `keyfob profiles sync`: a profile for every role that is assigned.

use std::collections::BTreeSet;
use std::thread;

use assignments::{Assigned, Listing, Request, Search};
use bulk_profiles::{
    AssignedRole, Conflict, Form, NameFormat, Naming, Options, Plan, PlanError, plan, plan_in,
};
use providers::{Network, Session};
use shared_config::{
    Document, EditError, FileKind, Files, Section, SectionKind, Sections, Severity,
};
use wire::SystemTimes;

use super::outcomes;
use super::stored::Chosen;
use crate::args::{self, SessionArgs, SyncForm};
use crate::env::World;
use crate::exit::Failure;
use crate::labels::Labels;
use crate::paste::quote;
use crate::rows;
use crate::{config_edit, listing, sessions};

/// How profiles are named where nothing is said.
const NAME: &str = "{account}.{role}";

/// The config file is not edited.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SyncError {
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A name is not free.
    #[error("{0} names are not free, and nothing was written")]
    Conflicts(usize),
}

pub(super) fn run(said: &args::Sync, dry_run: bool) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let (sections, fresh) = read(&world, &files, said);
    let (session, name) = session(&world, &sections, said.sso_session.as_ref())?;
    let section = sections.sso_sessions().find(|section| section.name() == name);
    let kept = section.filter(|_| !said.reset).map(Chosen::stored).transpose()?;
    let chosen = kept.unwrap_or_default().with(said);
    let network = Network::resolve(&world.environment, None);
    // What was not listed in this run is not known to be gone.
    let renew = said.refresh || said.prune;
    let labels = Labels::load(&world)?;
    let (all, failed) = match fresh.filter(|(of, _)| !renew && *of == session) {
        Some((_, mut all)) => {
            labels.rename(&mut all);
            (all, BTreeSet::new())
        }
        None => listing::fetch(&world, &session, &network, &labels, renew)?,
    };
    let wanted = wanted(&all, &labels, &chosen)?;
    let unknown = without_roles(&all, &failed);
    let is_listed = |account_id: &str| !unknown.contains(account_id);
    let options = Options::new(form(&world, &session, chosen.form)?, naming(&chosen)?)
        .with_rename(said.rename)
        .with_overwrite_edited(said.overwrite_edited)
        .with_prune(said.prune)
        .with_listed(&is_listed);
    let mut done = Plan::default();
    let edited = config_edit::edit_many(&world, &files, dry_run, |document| {
        chosen.store(document, &name, section)?;
        done = planned(document, &sections, &files, &name, &wanted, &options)?;
        if said.fail_on_conflict && !done.conflicts.is_empty() {
            return Err(SyncError::Conflicts(done.conflicts.len()));
        }
        Ok(document.edit_profiles(&done.edits)?)
    })?;
    outcomes::tell(&world, &done, &edited, dry_run, said.output)?;
    listing::told_of_failures(failed.len())
}

/// Parses the config. The sessions alone tell nearly always which index will be asked: it is read
/// beside, where it is young enough, for both take as long where there are thousands of profiles.
fn read<'f>(
    world: &World,
    files: &'f Files,
    said: &args::Sync,
) -> (Sections<'f>, Option<(Session, Vec<Assigned>)>) {
    let fresh = || {
        let sections = Sections::parse_if(files, |header| header.kind != SectionKind::Profile);
        let (session, _) = session(world, &sections, said.sso_session.as_ref()).ok()?;
        let now = SystemTimes.now();
        let all = Listing::fresh(&session, &world.caches(), &Request::all(), now)?;
        Some((session, all))
    };
    thread::scope(|scope| {
        let fresh = thread::Builder::new().spawn_scoped(scope, fresh);
        let sections = Sections::parse(files);
        (sections, fresh.ok().and_then(|thread| thread.join().ok()).flatten())
    })
}

/// Plans for a file that is read; whatever was changed since is read again.
pub(crate) fn planned(
    document: &Document,
    sections: &Sections<'_>,
    files: &Files,
    session: &str,
    wanted: &[AssignedRole<'_>],
    options: &Options<'_>,
) -> Result<Plan, PlanError> {
    match document.as_str() == files.text(FileKind::Config) {
        true => plan_in(sections, document, session, wanted, options),
        false => plan(document, files.text(FileKind::Credentials), session, wanted, options),
    }
}

fn naming(chosen: &Chosen) -> Result<Naming, Failure> {
    let format = NameFormat::parse(chosen.name.as_deref().unwrap_or(NAME));
    let format = format.map_err(Failure::usage)?;
    Ok(Naming::Format { format, is_strict: chosen.strict_names })
}

/// Returns the name that the profile of a role gets, or has already; empty where it gets none.
pub(crate) fn usual_name(
    files: &Files,
    section: Option<Section<'_, '_>>,
    session: &str,
    role: &AssignedRole<'_>,
) -> Result<String, Failure> {
    let chosen = section.map(Chosen::stored).transpose()?.unwrap_or_default();
    let options = Options::new(Form::Session, naming(&chosen)?);
    let document = Document::new(files.text(FileKind::Config), FileKind::Config);
    let credentials = files.text(FileKind::Credentials);
    let Ok(mut plan) = plan(&document, credentials, session, std::slice::from_ref(role), &options)
    else {
        return Ok(String::new());
    };
    match plan.conflicts.first() {
        Some(Conflict::Taken { instead, .. }) => Ok(instead.clone()),
        // What became of other profiles stands before it.
        _ => Ok(plan.outcomes.pop().map(|(name, _)| name).unwrap_or_default()),
    }
}

/// Fails where lines are not understood: such a file is not edited.
pub(crate) fn check_lines(sections: &Sections<'_>) -> Result<(), Failure> {
    let broken = |it: &&shared_config::Diagnostic| it.severity == Severity::Error;
    match sections.diagnostics().iter().find(broken) {
        None => Ok(()),
        Some(line) => {
            Err(Failure::usage(line.to_string())
                .with_hint("mend that line first: nothing was written"))
        }
    }
}

/// Returns the session and its name.
pub(super) fn session(
    world: &World,
    sections: &Sections<'_>,
    said: Option<&String>,
) -> Result<(Session, String), Failure> {
    check_lines(sections)?;
    let said = SessionArgs { sso_session: said.cloned(), ..SessionArgs::default() };
    let session = sessions::chosen_session(sections, &world.environment, &said)?;
    match session.name.clone() {
        Some(name) => Ok((session, name)),
        None => {
            Err(Failure::usage("profiles are made for an sso-session, and this is a start URL")
                .with_hint("run `keyfob configure migrate --all` to make one of it"))
        }
    }
}

/// The accounts of which nothing is removed: those that could not be listed, and those that are
/// assigned without a role, which no account is.
pub(crate) fn without_roles<'a>(
    all: &'a [Assigned],
    failed: &'a BTreeSet<String>,
) -> BTreeSet<&'a str> {
    let empty = all.iter().filter(|assigned| assigned.role_names().is_empty());
    let empty = empty.map(|assigned| assigned.account.account_id.as_str());
    empty.chain(failed.iter().map(String::as_str)).collect()
}

/// The roles that are chosen, sorted by account and role.
pub(super) fn wanted<'w>(
    all: &'w [Assigned],
    labels: &'w Labels,
    chosen: &'w Chosen,
) -> Result<Vec<AssignedRole<'w>>, Failure> {
    let roles = chosen.roles()?;
    let own_regions = chosen.regions_for()?;
    let search = |queries: &[String]| -> Vec<Search> {
        queries.iter().map(|query| Search::new(query)).collect()
    };
    let (mut matches, mut exclude) = (search(&chosen.matches), search(&chosen.exclude));
    let mut own_regions: Vec<_> =
        own_regions.into_iter().map(|(query, region)| (Search::new(query), region)).collect();
    let is_searched = !(matches.is_empty() && exclude.is_empty() && own_regions.is_empty());
    let regions: Vec<_> = chosen.regions.iter().map(|region| Some(&**region)).collect();
    let mut line = String::new();
    let mut wanted = Vec::with_capacity(all.iter().map(|one| one.role_names().len()).sum());
    for row in rows::sorted(all, labels) {
        line.clear();
        if is_searched {
            row.write_searched(&mut line);
        }
        let fits = |queries: &mut Vec<Search>| {
            queries.iter_mut().any(|query| query.score(&line).is_some())
        };
        let is_wanted = (chosen.matches.is_empty() || fits(&mut matches))
            && !fits(&mut exclude)
            && (roles.is_empty() || roles.iter().any(|role| role.is_match(row.role_name)));
        if !is_wanted {
            continue;
        }
        let mut own = own_regions.iter_mut();
        let own = [own.find_map(|(query, region)| query.score(&line).map(|_| *region))];
        let regions = match own {
            [None] if !regions.is_empty() => regions.as_slice(),
            _ => &own,
        };
        let regions = regions.iter().enumerate();
        wanted.extend(regions.map(|(index, region)| row.assigned(*region, index)));
    }
    Ok(wanted)
}

pub(super) fn form(world: &World, session: &Session, form: SyncForm) -> Result<Form, Failure> {
    Ok(match form {
        SyncForm::Session => Form::Session,
        SyncForm::Legacy => {
            Form::Legacy { start_url: session.start_url.clone(), region: session.region.clone() }
        }
        SyncForm::CredentialProcess => {
            let program = world.own_program()?;
            Form::CredentialProcess { program: quote(&program.display().to_string()) }
        }
    })
}
