//! Edits of the config file that leave the rest of it alone.

use std::error::Error;
use std::io::ErrorKind;
use std::time::SystemTime;

use shared_config::{
    Document, EditFileError, EditOptions, Edited, FileKind, Files, check_editable, edit_file,
};
use similar::TextDiff;
use wire::SystemTimes;

use crate::env::World;
use crate::exit::{Exit, Failure, printable};
use crate::ui::{print, talk};

const OPTIONS: EditOptions<'static> = EditOptions::new().with_backup("keyfob-backup");

/// Edits the config file, or only says what would become of it.
pub(crate) fn edit<E: Error + 'static>(
    world: &World,
    dry_run: bool,
    change: impl FnMut(&mut Document) -> Result<(), E>,
) -> Result<Edited, Failure> {
    edit_with(world, OPTIONS.with_dry_run(dry_run), change)
}

/// The same of an edit that may change hundreds of profiles: the file is also kept as it was, once a
/// day.
pub(crate) fn edit_many<E: Error + 'static>(
    world: &World,
    files: &Files,
    dry_run: bool,
    change: impl FnMut(&mut Document) -> Result<(), E>,
) -> Result<Edited, Failure> {
    let now = SystemTime::try_from(SystemTimes.now());
    let now = now.map_err(|error| Failure::new(Exit::Other, error))?;
    let options = OPTIONS.with_daily_backup("keyfob-daily", now).with_read(files);
    edit_with(world, options.with_dry_run(dry_run), change)
}

fn edit_with<E: Error + 'static>(
    world: &World,
    options: EditOptions<'_>,
    change: impl FnMut(&mut Document) -> Result<(), E>,
) -> Result<Edited, Failure> {
    edit_file(&world.locations.config, FileKind::Config, options, change).map_err(failure)
}

/// Fails where an edit would, before a person is asked for it.
pub(crate) fn check(world: &World, dry_run: bool) -> Result<(), Failure> {
    match dry_run {
        true => Ok(()),
        false => check_editable(&world.locations.config).map_err(failure),
    }
}

fn failure<E: Error + 'static>(error: EditFileError<E>) -> Failure {
    match error {
        EditFileError::Edit(error) => Failure::usage(error),
        EditFileError::Io { ref source, .. } => {
            let mends = match source.kind() {
                ErrorKind::StorageFull => "make room on the disk",
                ErrorKind::AlreadyExists => "move that away",
                ErrorKind::QuotaExceeded => "make room within your quota",
                ErrorKind::ReadOnlyFilesystem => {
                    "mount the file system for writing, or set AWS_CONFIG_FILE to a file elsewhere"
                }
                _ => "the directory must be there and writable",
            };
            Failure::new(Exit::Other, error).with_hint(format!("{mends}; nothing was changed"))
        }
        error => Failure::new(Exit::Other, error).with_hint("nothing was changed"),
    }
}

/// Shows what changed, without secrets that stand beside it.
pub(crate) fn show_diff(world: &World, edited: &Edited) -> Result<(), Failure> {
    let name = world.locations.config.display().to_string();
    let diff = TextDiff::from_lines(edited.before(), edited.after());
    let diff = diff.unified_diff().context_radius(2).header(&name, &name).to_string();
    let masked: String = diff.split_inclusive('\n').map(masked).collect();
    print(printable(&masked).as_bytes())
}

/// Tells where the file is kept as it was, and whether it was written.
pub(crate) fn tell(edited: &Edited, dry_run: bool) {
    if let Some(backup) = &edited.backup {
        talk(&format!("The file as it was is kept as {}.", backup.display()));
    }
    if dry_run {
        talk("Nothing was written.");
    }
}

/// A line of a diff or of a file, without the value of a secret that stands beside the change.
pub(crate) fn masked(line: &str) -> String {
    // Names of settings are read in any case.
    let is_secret = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["secret", "session_token", "security_token"].iter().any(|word| name.contains(word))
    };
    match line.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}= ****\n"),
        _ => line.to_owned(),
    }
}
