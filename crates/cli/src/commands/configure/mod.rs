//! `keyfob configure`: edits of `~/.aws/config` that leave the rest of it alone.

mod checks;
pub(crate) mod migrate;
mod populate;
mod portal;
mod profile;
mod sso;
mod sso_session;

use shared_config::{
    Document, EditError, Edited, FileKind, Files, ProfileError, Section, SectionKind, Sections,
};

use crate::args::{ConfigureWhat, Edit};
use crate::env::World;
use crate::exit::Failure;
use crate::ui::{say, talk};
use crate::{config_edit, prompt, regions};

pub(crate) fn run(what: &ConfigureWhat) -> Result<(), Failure> {
    match what {
        ConfigureWhat::Migrate(arguments) => migrate::run(arguments),
        ConfigureWhat::Populate(arguments) => populate::run(arguments),
        ConfigureWhat::Profile(arguments) => profile::run(arguments),
        ConfigureWhat::Sso(arguments) => sso::run(arguments),
        ConfigureWhat::SsoSession(arguments) => sso_session::run(arguments),
    }
}

/// A change of one section: what is set, and what must go because it would contradict it.
struct Change<'a> {
    kind: SectionKind,
    section: &'a str,
    set: Vec<(&'static str, String)>,
    unset: Vec<&'static str>,
}

impl Change<'_> {
    fn apply(&self, document: &mut Document) -> Result<(), EditError> {
        if self.set.is_empty() {
            return Ok(());
        }
        // What says so already stays as a person has written it.
        let files = Files::from_texts(document.as_str(), "");
        let sections = Sections::parse(&files);
        let section = self.section_of(&sections);
        let is_new = |(name, value): &&(&str, String)| {
            section.and_then(|section| section.value(name)) != Some(value)
        };
        for name in &self.unset {
            document.unset(self.kind, self.section, name);
        }
        for (name, value) in self.set.iter().filter(is_new) {
            document.set(self.kind, self.section, name, value)?;
        }
        Ok(())
    }

    fn section_of<'s, 'a>(&self, sections: &'s Sections<'a>) -> Option<Section<'s, 'a>> {
        let name = self.section;
        match self.kind {
            SectionKind::Profile => sections.profiles().find(|it| it.name() == name),
            SectionKind::Services => sections.services().find(|it| it.name() == name),
            SectionKind::SsoSession => sections.sso_sessions().find(|it| it.name() == name),
        }
    }

    /// Fails where the section says something else already.
    fn check(&self, world: &World, sections: &Sections<'_>) -> Result<(), Failure> {
        let Some(section) = self.section_of(sections) else { return Ok(()) };
        if self.kind == SectionKind::Profile
            && let Ok(profile) = sections.any_profile(self.section)
        {
            profile::check_kind(world, sections, &profile)?;
        }
        let mut conflicts = Vec::new();
        for setting in section.settings() {
            let name = setting.name();
            let place = sections.place(setting.file(), setting.line());
            let wanted = self.set.iter().find(|(wanted, _)| *wanted == name);
            match wanted {
                Some((_, value)) if *value != setting.value() => {
                    conflicts.push(format!("{place}: {name} = {}", setting.value()));
                }
                None if self.unset.contains(&&*name) => {
                    conflicts.push(format!("{place}: {name} would be removed"));
                }
                _ => {}
            }
        }
        if conflicts.is_empty() {
            return Ok(());
        }
        let error = format!("there are other settings already: {}", conflicts.join(", "));
        Err(Failure::usage(error).with_hint("--force overwrites them"))
    }
}

/// Makes the changes that were planned for these files, and shows them.
fn make<'c>(
    world: &World,
    edit: Edit,
    planned_for: &Files,
    changes: impl IntoIterator<Item = &'c Change<'c>> + Clone,
) -> Result<(), Failure> {
    let mut refused = None;
    let edited = config_edit::edit(world, edit.dry_run, |document| {
        // What a person wrote while questions were open is no more overwritten than what was there.
        if !edit.force && document.as_str() != planned_for.text(FileKind::Config) {
            let checked = world.files().and_then(|files| {
                let sections = Sections::parse(&files);
                changes.clone().into_iter().try_for_each(|it| it.check(world, &sections))
            });
            refused = checked.err();
            if refused.is_some() {
                return Ok(());
            }
        }
        changes.clone().into_iter().try_for_each(|change| change.apply(document))
    })?;
    match refused {
        Some(failure) => Err(failure),
        None => show(world, edit.dry_run, &edited),
    }
}

/// Shows what changed.
fn show(world: &World, dry_run: bool, edited: &Edited) -> Result<(), Failure> {
    if !edited.is_changed() {
        talk(&format!("{} says so already.", world.locations.config.display()));
        return Ok(());
    }
    config_edit::show_diff(world, edited)?;
    config_edit::tell(edited, dry_run);
    Ok(())
}

/// Takes a region; `force` takes one that no partition of this version has.
fn region(
    text: &str,
    check: fn(&str) -> Result<(), String>,
    force: bool,
) -> Result<String, Failure> {
    wire::validate_region(text).map_err(Failure::usage)?;
    if let Err(error) = check(text)
        && !force
    {
        let hint = "--force writes it all the same";
        return Err(Failure::usage(error).with_hint(hint));
    }
    if !regions::is_known(text) {
        let nearest = regions::nearest(text);
        say(&format!("warning: keyfob does not know the region `{text}`; it knows {nearest}"));
    }
    Ok(text.to_owned())
}

/// Takes a start URL, and tells where it was another one.
fn start_url(text: &str) -> Result<String, Failure> {
    let url = checks::start_url(text).map_err(Failure::usage)?;
    if url != text.trim() {
        talk(&format!("The start URL is {url}, without what the browser shows behind it."));
    }
    Ok(url)
}

/// The name of a section: the one that is given, or the one that a person gives, who may take the
/// default.
fn name(
    world: &World,
    edit: Edit,
    given: Option<&String>,
    question: &str,
    default: &str,
) -> Result<String, Failure> {
    match given {
        Some(name) => {
            check_name(name).map_err(Failure::usage)?;
            Ok(name.clone())
        }
        None if prompt::is_possible() => {
            config_edit::check(world, edit.dry_run)?;
            prompt::text_or(default, question, check_name)
        }
        None => Err(missing(&[("NAME", true)])),
    }
}

fn check_name(text: &str) -> Result<(), String> {
    let mut document = Document::new("", FileKind::Config);
    document.add_section(SectionKind::SsoSession, text).map_err(|error| error.to_string())
}

/// Names a session after the first label of its portal's host.
fn free_name(start_url: &str, is_free: impl Fn(&str) -> bool) -> String {
    let host = start_url.split_once("://").map_or(start_url, |(_, rest)| rest);
    let label = host.split(['.', '/', ':']).next().unwrap_or_default();
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let label: String = label.chars().filter(is_plain).collect();
    let label = if label.is_empty() { "sso".to_owned() } else { label };
    std::iter::once(label.clone())
        .chain((2..).map(|number| format!("{label}-{number}")))
        .find(|name| is_free(name))
        .unwrap_or(label)
}

/// Warns of a section that somebody meant as this one, and that is not read.
fn warn_of_rejected<T>(found: Result<T, ProfileError>) {
    if let Err(ProfileError::Rejected(diagnostic)) = found {
        say(&format!("warning: {diagnostic}"));
    }
}

/// Fails with the options that are missing.
fn missing(options: &[(&str, bool)]) -> Failure {
    let absent: Vec<_> =
        options.iter().filter(|(_, absent)| *absent).map(|(option, _)| *option).collect();
    Failure::usage(format!("missing {}", absent.join(", ")))
        .with_hint("give them, or run the command on a terminal")
}
