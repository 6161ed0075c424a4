//! `keyfob configure populate`: what `aws-sso-util configure populate` does, for its users.

use std::collections::BTreeSet;
use std::process::Command;

use bulk_profiles::{
    AssignedRole, ComponentNames, Existing, Form, NameCase, Naming, Options, Outcome, Plan,
};
use providers::{Network, Session};
use regex_lite::Regex;
use shared_config::{Files, Sections};

use super::portal::Portal;
use crate::args::{Case, ExistingConfigAction, IncludeRegion, Output, Populate, RegionStyle};
use crate::commands::profiles::{outcomes, sync};
use crate::env::World;
use crate::exit::{Exit, Failure, printable};
use crate::labels::Labels;
use crate::paste::quote;
use crate::rows;
use crate::ui::{print, say};
use crate::{child, config_edit, listing, net, regions, sessions};

/// Where the start URL is taken from if no option tells it.
const START_URL: [&str; 4] = [
    "AWS_CONFIGURE_SSO_DEFAULT_SSO_START_URL",
    "AWS_SSO_CONFIGURE_DEFAULT_SSO_START_URL",
    "AWS_CONFIGURE_DEFAULT_SSO_START_URL",
    "AWS_DEFAULT_SSO_START_URL",
];

/// Where the region of Identity Center is taken from.
const SSO_REGION: [&str; 4] = [
    "AWS_CONFIGURE_SSO_DEFAULT_SSO_REGION",
    "AWS_SSO_CONFIGURE_DEFAULT_SSO_REGION",
    "AWS_CONFIGURE_DEFAULT_SSO_REGION",
    "AWS_DEFAULT_SSO_REGION",
];

/// Where the region of the profiles is taken from.
const REGION: [&str; 2] = ["AWS_CONFIGURE_DEFAULT_REGION", "AWS_DEFAULT_REGION"];

pub(crate) fn run(said: &Populate) -> Result<(), Failure> {
    let world = World::capture()?;
    let files = world.files()?;
    let sections = Sections::parse(&files);
    sync::check_lines(&sections)?;
    let naming = naming(said, &world)?;
    let form = form(said, &world)?;
    let regions = regions(said, &world)?;
    let labels = Labels::load(&world)?;
    let session = instance(said, &world, &sections)?;
    let form = form(&session);
    let portal = Portal::new(&world, &session)?;
    net::run(None, async {
        match said.force_refresh {
            true => portal.sign_in().await,
            false => portal.sign_in_if_needed().await,
        }
    })?;
    let network = Network::resolve(&world.environment, None);
    let renew = said.force_refresh || said.prune;
    let (all, failed) = listing::fetch(&world, &session, &network, &labels, renew)?;
    let roles = rows::sorted(&all, &labels).flat_map(|row| {
        let regions = regions.iter().enumerate();
        regions.map(move |(index, region)| row.assigned(Some(region), index))
    });
    let mut named: Vec<(String, AssignedRole<'_>)> = match &said.profile_name_process {
        None => roles.map(|role| (naming.name(&role), role)).collect(),
        Some(command) => net::run(None, async {
            let mut named = Vec::new();
            for role in roles {
                let arguments = naming.process_arguments(&role, regions.len());
                named.push((process_name(command, &arguments).await?, role));
            }
            Ok(named)
        })?,
    };
    named.retain(|(name, _)| name != "SKIP");
    named.sort_by(|a, b| a.0.cmp(&b.0));
    let (names, wanted): (Vec<String>, Vec<AssignedRole<'_>>) = named.into_iter().unzip();
    let unknown = sync::without_roles(&all, &failed);
    let is_listed = |account_id: &str| !unknown.contains(account_id);
    let options = Options::new(form, Naming::Given(names))
        .with_rename(said.rename)
        .with_overwrite_edited(said.overwrite_edited)
        .with_prune(said.prune)
        .with_listed(&is_listed);
    let mut done = Plan::default();
    let edited = config_edit::edit_many(&world, &files, said.dry_run, |document| {
        document.allow_any_names();
        let url = &session.start_url;
        done = sync::planned(document, &sections, &files, url, &wanted, &options)?;
        Ok::<_, sync::SyncError>(document.edit_profiles(&done.edits)?)
    })?;
    match said.dry_run {
        true => print_profiles(&done, edited.after())?,
        false => outcomes::tell(&world, &done, &edited, false, Output::Text)?,
    }
    listing::told_of_failures(failed.len())
}

/// How profiles are named.
fn naming(said: &Populate, world: &World) -> Result<ComponentNames, Failure> {
    let given = said.separator.as_deref().filter(|separator| !separator.is_empty());
    let separator = match given {
        Some(separator) => separator,
        None => {
            let known = variable(world, &["AWS_CONFIGURE_SSO_DEFAULT_PROFILE_NAME_SEPARATOR"])?;
            known.unwrap_or(".")
        }
    };
    let is_long = said.region_style == RegionStyle::Long;
    let naming = ComponentNames::new(&said.components, separator, is_long);
    Ok(naming
        .map_err(Failure::usage)?
        .with_always_region(said.include_region == IncludeRegion::Always)
        .with_raw_account_names(said.raw_account_names)
        .with_trimmed(said.trim_account_name.clone(), said.trim_role_name.clone())
        .with_case(said.account_name_case.map(case), said.role_name_case.map(case)))
}

fn case(case: Case) -> NameCase {
    match case {
        Case::Capitalize => NameCase::Capitalize,
        Case::Casefold => NameCase::Casefold,
        Case::Lower => NameCase::Lower,
        Case::Title => NameCase::Title,
        Case::Upper => NameCase::Upper,
    }
}

/// What the profiles say, once it is known of which session they are.
fn form(said: &Populate, world: &World) -> Result<impl FnOnce(&Session) -> Form, Failure> {
    let disabled = variable(world, &["AWS_CONFIGURE_SSO_DISABLE_CREDENTIAL_PROCESS"])?;
    let disabled = disabled.is_some_and(|text| text == "1" || text.eq_ignore_ascii_case("true"));
    let has_command = said.credential_process || !(said.no_credential_process || disabled);
    let command = match variable(world, &["AWS_SSO_CREDENTIAL_PROCESS_NAME"])? {
        Some(command) => command.to_owned(),
        None => {
            let program = world.own_program()?;
            format!("{} credential-process", quote(&program.display().to_string()))
        }
    };
    let more = said.config_default.clone();
    let existing = match said.existing_config_action {
        ExistingConfigAction::Keep => Existing::Keep,
        ExistingConfigAction::Overwrite => Existing::Overwrite,
        ExistingConfigAction::Discard => Existing::Discard,
    };
    Ok(move |session: &Session| Form::Populated {
        start_url: session.start_url.clone(),
        region: session.region.clone(),
        command: has_command.then_some(command),
        more,
        existing,
    })
}

fn regions(said: &Populate, world: &World) -> Result<Vec<String>, Failure> {
    let regions = match variable(world, &REGION)? {
        _ if !said.regions.is_empty() => said.regions.clone(),
        Some(region) => vec![region.to_owned()],
        None => {
            let hint = "give it, or set AWS_DEFAULT_REGION";
            return Err(Failure::usage("missing --region").with_hint(hint));
        }
    };
    regions.iter().try_for_each(|region| regions::check(region)).map_err(Failure::usage)?;
    Ok(regions)
}

/// The value of the first of several variables that is set to one.
fn variable<'w>(world: &'w World, names: &[&str]) -> Result<Option<&'w str>, Failure> {
    for name in names {
        if let Some(text) = world.environment.text(name)?.filter(|text| !text.is_empty()) {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

/// Finds the session that options or variables tell, or else the only one of the config: by its start
/// URL, or by a regular expression that finds it.
fn instance(said: &Populate, world: &World, sections: &Sections<'_>) -> Result<Session, Failure> {
    let (mut start_url, mut region) = (said.sso_start_url.as_deref(), said.sso_region.as_deref());
    if start_url.is_none() && region.is_none() {
        (start_url, region) = (variable(world, &START_URL)?, variable(world, &SSO_REGION)?);
    }
    let literal = start_url.filter(|url| url.starts_with("http"));
    let literal = literal.map(super::start_url).transpose()?;
    let pattern = start_url.filter(|_| literal.is_none()).map(Regex::new);
    let pattern = pattern.transpose().map_err(Failure::usage)?;
    let is_it = |session: &Session| {
        literal.as_ref().is_none_or(|url| session.start_url == *url)
            && pattern.as_ref().is_none_or(|pattern| pattern.is_match(&session.start_url))
            && region.is_none_or(|region| session.region == *region)
    };
    // A session of the config stands before a start URL of a profile.
    let (configured, _) = sessions::all(sections);
    let all: Vec<Session> = configured.into_iter().map(|configured| configured.session).collect();
    let found: Vec<&Session> = all.iter().filter(|session| is_it(session)).collect();
    let places: BTreeSet<_> =
        found.iter().map(|session| (&session.start_url, &session.region)).collect();
    match (found.as_slice(), places.len(), literal, region) {
        ([first, ..], 1, ..) => Ok((*first).clone()),
        (_, _, Some(start_url), Some(region)) => Ok(Session::legacy(&start_url, region)),
        ([], ..) if all.is_empty() => {
            Err(Failure::usage("missing --sso-start-url and --sso-region")
                .with_hint("give them, or run `keyfob configure sso-session` first"))
        }
        (found, ..) => {
            let found = if found.is_empty() { all.iter().collect() } else { found.to_vec() };
            let known: Vec<String> = found
                .iter()
                .map(|session| format!("{} in {}", session.start_url, session.region))
                .collect();
            Err(Failure::usage("which start URL is meant is not clear").with_hint(format!(
                "give --sso-start-url and --sso-region; the config has {}",
                known.join(", ")
            )))
        }
    }
}

/// Runs the command that names a profile; it ends with whoever waits for it.
async fn process_name(command: &str, arguments: &[String]) -> Result<String, Failure> {
    let failed = |why: &dyn std::fmt::Display| {
        let role = arguments.iter().take(3).map(|word| quote(word)).collect::<Vec<_>>().join(" ");
        Failure::new(Exit::Other, format!("--profile-name-process for {role}: {why}"))
            .with_hint("nothing was written")
    };
    let words = shlex::split(command).filter(|words| !words.is_empty());
    let Some(words) = words else {
        return Err(Failure::usage("--profile-name-process: the command cannot be read"));
    };
    let mut words = words.into_iter();
    let mut process = Command::new(words.next().unwrap_or_default());
    process.args(words).args(arguments);
    let output = child::output(process).await.map_err(|error| failed(&error))?;
    if !output.status.success() {
        return Err(failed(&output.status));
    }
    let name = String::from_utf8(output.stdout).map_err(|error| failed(&error.utf8_error()))?;
    Ok(name.trim().to_owned())
}

/// Prints the profiles as they would stand in the file, without secrets that a person added.
fn print_profiles(done: &Plan, config: &str) -> Result<(), Failure> {
    for conflict in &done.conflicts {
        say(&format!("warning: {}", outcomes::sentence(conflict)));
    }
    let files = Files::from_texts(config, "");
    let sections = Sections::parse(&files);
    let is_left = |outcome: &Outcome| {
        matches!(outcome, Outcome::Gone | Outcome::GoneEdited | Outcome::Removed)
    };
    let written: BTreeSet<&str> = done
        .outcomes
        .iter()
        .filter(|(_, outcome)| !is_left(outcome))
        .map(|(name, _)| name.as_str())
        .collect();
    let mut text = String::new();
    for section in sections.profiles().filter(|section| written.contains(section.name())) {
        let name = section.name();
        let name = if name.contains([' ', '\t']) { quote(name) } else { name.to_owned() };
        text.push_str(&format!("[profile {name}]\n"));
        for setting in section.settings() {
            let line = format!("{} = {}\n", setting.name(), setting.value());
            text.push_str(&config_edit::masked(&line));
        }
        text.push('\n');
    }
    print(printable(&text).as_bytes())
}
