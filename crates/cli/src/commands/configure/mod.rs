//! `keyfob configure`: edits of `~/.aws/config` that leave the rest of it alone.

mod checks;
mod migrate;
mod profile;
mod sso_session;

use shared_config::{
    Document, EditError, EditFileError, EditOptions, FileKind, ProfileError, SectionKind, Sections,
    edit_file,
};
use similar::TextDiff;

use crate::args::{ConfigureWhat, Edit};
use crate::env::World;
use crate::exit::{Exit, Failure, printable};
use crate::ui::{print, say, talk};
use crate::{prompt, regions};

pub(crate) fn run(what: &ConfigureWhat) -> Result<(), Failure> {
    match what {
        ConfigureWhat::Migrate(arguments) => migrate::run(arguments),
        ConfigureWhat::Profile(arguments) => profile::run(arguments),
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
        for name in &self.unset {
            document.unset(self.kind, self.section, name);
        }
        for (name, value) in &self.set {
            document.set(self.kind, self.section, name, value)?;
        }
        Ok(())
    }

    /// Fails where the section says something else already.
    fn check(&self, sections: &Sections<'_>) -> Result<(), Failure> {
        let mut of_kind: Vec<_> = match self.kind {
            SectionKind::Profile => sections.profiles().collect(),
            SectionKind::Services => sections.services().collect(),
            SectionKind::SsoSession => sections.sso_sessions().collect(),
        };
        of_kind.retain(|section| section.name() == self.section);
        let Some(section) = of_kind.first() else { return Ok(()) };
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

/// Edits the config file, and shows what changed.
fn edit(
    world: &World,
    edit: Edit,
    mut change: impl FnMut(&mut Document) -> Result<(), EditError>,
) -> Result<(), Failure> {
    let path = &world.locations.config;
    let options = EditOptions::new().with_backup("keyfob-backup").with_dry_run(edit.dry_run);
    let edited = edit_file(path, FileKind::Config, options, |document| change(document));
    let edited = edited.map_err(|error| match error {
        EditFileError::Edit(error) => Failure::usage(error),
        EditFileError::Io { .. } => Failure::new(Exit::Other, error)
            .with_hint("the directory must be there and writable; nothing was changed"),
        error => Failure::new(Exit::Other, error).with_hint("nothing was changed"),
    })?;
    if edited.before == edited.after {
        talk(&format!("{} says so already.", path.display()));
        return Ok(());
    }
    let name = path.display().to_string();
    let diff = TextDiff::from_lines(&edited.before, &edited.after);
    let diff = diff.unified_diff().context_radius(2).header(&name, &name).to_string();
    let masked: String = diff.split_inclusive('\n').map(masked).collect();
    print(printable(&masked).as_bytes())?;
    if let Some(backup) = &edited.backup {
        talk(&format!("The file as it was is kept as {}.", backup.display()));
    }
    if edit.dry_run {
        talk("Nothing was written.");
    }
    Ok(())
}

/// A line of a diff, without the value of a secret that stands beside the change.
fn masked(line: &str) -> String {
    match line.split_once('=') {
        Some((name, _)) if name.contains("secret") || name.contains("session_token") => {
            format!("{name}= ****\n")
        }
        _ => line.to_owned(),
    }
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

/// The name of a section: the one that is given, or the one that a person gives.
fn name(given: Option<&String>, question: &str) -> Result<String, Failure> {
    match given {
        Some(name) => {
            check_name(name).map_err(Failure::usage)?;
            Ok(name.clone())
        }
        None if prompt::is_possible() => prompt::text(question, check_name),
        None => Err(missing(&["NAME"])),
    }
}

fn check_name(text: &str) -> Result<(), String> {
    let mut document = Document::new("", FileKind::Config);
    document.add_section(SectionKind::SsoSession, text).map_err(|error| error.to_string())
}

/// Warns of a section that somebody meant as this one, and that is not read.
fn warn_of_rejected<T>(found: Result<T, ProfileError>) {
    if let Err(ProfileError::Rejected(diagnostic)) = found {
        say(&format!("warning: {diagnostic}"));
    }
}

/// Fails with the options that are missing.
fn missing(options: &[&str]) -> Failure {
    Failure::usage(format!("missing {}", options.join(", ")))
        .with_hint("give them, or run the command on a terminal")
}
