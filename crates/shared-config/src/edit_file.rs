//! Replacing a configuration file by an edited one.

use std::convert::Infallible;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use private_file::{Lock, PrivateFile};

use crate::backup::Copy;
use crate::files::read_text;
use crate::{Document, FileKind, Files};

/// How often a file that other programs keep changing is read again.
const ATTEMPTS: u32 = 20;

/// What an edit did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Edited {
    before: Arc<String>,
    after: Arc<String>,
    /// The copy of the file as it was before this edit, if one was made.
    pub backup: Option<PathBuf>,
}

impl Edited {
    /// Returns the text before.
    pub fn before(&self) -> &str {
        &self.before
    }

    /// Returns the text after.
    pub fn after(&self) -> &str {
        &self.after
    }

    /// Whether they differ.
    pub fn is_changed(&self) -> bool {
        self.before != self.after
    }
}

/// The permissions of a file keep also its owner from writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is read-only")]
#[non_exhaustive]
pub struct ReadOnly;

impl From<ReadOnly> for io::Error {
    fn from(error: ReadOnly) -> Self {
        Self::new(io::ErrorKind::ReadOnlyFilesystem, error)
    }
}

/// A file was not edited; it is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditFileError<E> {
    /// Other programs change the file faster than it can be edited.
    #[error("{} keeps changing", .0.display())]
    Busy(PathBuf),
    /// The edit itself failed.
    #[error(transparent)]
    Edit(E),
    /// The file cannot be read or written.
    #[error("cannot edit {}", path.display())]
    #[non_exhaustive]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// How a file is edited.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct EditOptions<'a> {
    /// Whether the first edit leaves the file as it was beside it, under the same name with a dot
    /// and this behind it.
    pub backup: Option<&'a str>,
    /// Whether an edit leaves a further copy, which a later one replaces once it is a day old: what
    /// stands behind its name, and the time.
    pub daily: Option<(&'a str, SystemTime)>,
    /// What was read already; a text that is still the same is not kept twice.
    pub read: Option<&'a Files>,
    /// Whether nothing is written.
    pub dry_run: bool,
}

impl<'a> EditOptions<'a> {
    /// Edits without a backup.
    pub const fn new() -> Self {
        Self { backup: None, daily: None, read: None, dry_run: false }
    }

    /// Leaves a backup with this suffix at the first edit.
    #[must_use]
    pub const fn with_backup(self, suffix: &'a str) -> Self {
        Self { backup: Some(suffix), ..self }
    }

    /// Leaves also a backup with this suffix, unless that of the first edit is made or the one that
    /// is there is younger than a day at `now`.
    #[must_use]
    pub const fn with_daily_backup(self, suffix: &'a str, now: SystemTime) -> Self {
        Self { daily: Some((suffix, now)), ..self }
    }

    /// Saves memory where the file was read a moment ago. It is read again all the same.
    #[must_use]
    pub const fn with_read(self, files: &'a Files) -> Self {
        Self { read: Some(files), ..self }
    }

    /// Writes nothing, or does.
    #[must_use]
    pub const fn with_dry_run(self, dry_run: bool) -> Self {
        Self { dry_run, ..self }
    }
}

/// Edits a file under an advisory lock, and replaces it as a whole.
///
/// A file that changed after it was read is read and edited again. Permissions stay, a new file has
/// mode 0600; a symbolic link is followed to its target, as far as [`PrivateFile`] does.
///
/// # Errors
/// Fails where the edit fails, or the file cannot be read or written; it is as it was then. A file
/// that its owner may not write is not replaced either.
pub fn edit_file<E>(
    path: &Path,
    kind: FileKind,
    options: EditOptions<'_>,
    mut edit: impl FnMut(&mut Document) -> Result<(), E>,
) -> Result<Edited, EditFileError<E>> {
    let EditOptions { backup: first, daily, read, dry_run } = options;
    let read = read.filter(|files| files.path(kind) == path);
    let io_error = |source| EditFileError::Io { path: path.to_owned(), source };
    let named = PrivateFile::at(path);
    let file = if dry_run { named } else { named.resolved().map_err(io_error)? };
    // Without a lock the check before the rename has to do.
    let _lock = if dry_run { None } else { lock(&file) };
    let mut backup = None;
    for _ in 0..ATTEMPTS {
        let before = match read {
            Some(files) => files.read_again(kind, file.path()),
            None => read_text(file.path()).map(Arc::new),
        };
        let before = before.map_err(io_error)?;
        let mut document = Document::shared(before.clone(), kind);
        edit(&mut document).map_err(EditFileError::Edit)?;
        let mut edited = Edited { before, after: document.text, backup: None };
        if dry_run || !edited.is_changed() {
            return Ok(edited);
        }
        check_writable(file.path()).map_err(io_error)?;
        let copy = Copy { file: &file, text: &edited.before };
        if let (None, Some(suffix)) = (&backup, first) {
            backup = copy.keep_once(suffix).map_err(io_error)?;
        }
        if let (None, Some((suffix, now))) = (&backup, daily) {
            backup = copy.keep_daily(suffix, now).map_err(io_error)?;
        }
        edited.backup.clone_from(&backup);
        if replace(&file, &edited).map_err(io_error)? {
            return Ok(edited);
        }
    }
    Err(EditFileError::Busy(path.to_owned()))
}

/// Checks that a file can be edited, for who is about to ask a person what to write.
///
/// # Errors
/// As [`edit_file`] where the file cannot be written. One whose directory is not there yet may be.
pub fn check_editable(path: &Path) -> Result<(), EditFileError<Infallible>> {
    if !path.parent().is_some_and(Path::is_dir) {
        return Ok(()); // whoever gives up shall not find it made
    }
    let check = || {
        let file = PrivateFile::at(path).resolved()?;
        check_writable(file.path())?;
        file.prepare().map(drop)
    };
    check().map_err(|source| EditFileError::Io { path: path.to_owned(), source })
}

/// Refuses a file that is read-only, which is meant to stay as it is.
fn check_writable(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.permissions().readonly() => Err(ReadOnly.into()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes the new version beside the file and renames it, unless the file has changed meanwhile.
fn replace(file: &PrivateFile, edited: &Edited) -> io::Result<bool> {
    let replacement = file.prepare()?.with_permissions_of(file.path())?;
    let is_unchanged = || Ok(read_text(file.path())? == edited.before());
    replacement.write_if(edited.after.as_bytes(), is_unchanged)
}

/// Locks the file, waiting for other programs that edit it in this way, which takes milliseconds;
/// freed when it is dropped.
fn lock(file: &PrivateFile) -> Option<Lock> {
    file.sibling(format!(".{}.lock", name(file))).lock_itself().ok()
}

pub(crate) fn name(file: &PrivateFile) -> std::borrow::Cow<'_, str> {
    file.path().file_name().unwrap_or_default().to_string_lossy()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "files of the tests' own")]
mod tests {
    use super::*;
    use crate::{EditError, SectionKind};

    const OPTIONS: EditOptions<'static> = EditOptions::new().with_backup("old");

    fn set(path: &Path, value: &str) -> Edited {
        edit_file(path, FileKind::Config, OPTIONS, |document| {
            document.set(SectionKind::Profile, "a", "x", value)
        })
        .unwrap()
    }

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_private_and_has_no_backup() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(".aws/config");
        let edited = set(&path, "1");
        assert_eq!((edited.before(), &edited.backup), ("", &None));
        assert_eq!(fs::read_to_string(&path).unwrap(), "[profile a]\nx = 1\n");
        #[cfg(unix)]
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn what_was_read_before_is_read_again() {
        let home = tempfile::tempdir().unwrap();
        let variables = [("HOME", home.path().to_str().unwrap())];
        let locations =
            crate::Locations::from_env(&crate::Environment::from_pairs(variables)).unwrap();
        fs::create_dir(home.path().join(".aws")).unwrap();
        for (before, now) in [
            ("[profile b]\n", "[profile b]\n"),
            ("[profile b]\n", "[profile c]\n"),
            ("[profile b]\n", "[profile b]\nx = 1\n"),
            ("[profile b]\n", ""),
            ("", "[profile b]\n"),
        ] {
            fs::write(&locations.config, before).unwrap();
            let files = Files::load(&locations).unwrap();
            fs::write(&locations.config, now).unwrap();
            let options = EditOptions::new().with_read(&files);
            let edited = edit_file(&locations.config, FileKind::Config, options, |document| {
                assert_eq!(document.as_str(), now);
                document.set(SectionKind::Profile, "a", "x", "2")
            })
            .unwrap();
            assert_eq!(edited.before(), now);
            assert_eq!(fs::read_to_string(&locations.config).unwrap(), edited.after());
            assert!(edited.is_changed() && edited.after().starts_with(now));
        }
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay_and_the_first_edit_leaves_a_backup() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let (target, path) = (home.path().join("dotfile"), home.path().join("config"));
        fs::write(&target, "# mine\n").unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("dotfile", &path).unwrap();
        let backup = set(&path, "1").backup.unwrap();
        assert_eq!(set(&path, "2").backup, None);
        assert_eq!(fs::read_to_string(&backup).unwrap(), "# mine\n");
        assert_eq!(backup, home.path().join("dotfile.old"));
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "# mine\n\n[profile a]\nx = 2\n");
        assert_eq!((mode(&target), mode(&backup)), (0o640, 0o640));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_read_only_stays_as_it_is() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config");
        fs::write(&path, "# mine\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        let refused: Result<_, EditFileError<EditError>> =
            edit_file(&path, FileKind::Config, OPTIONS, |document| {
                document.set(SectionKind::Profile, "a", "x", "1")
            });
        assert!(matches!(refused, Err(EditFileError::Io { source, .. })
            if source.get_ref().is_some_and(|error| error.is::<ReadOnly>())));
        assert!(check_editable(&path).is_err());
        check_editable(&home.path().join("other")).unwrap();
        check_editable(&home.path().join("none/other")).unwrap();
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2, "the file and its lock");
        assert_eq!(fs::read_to_string(&path).unwrap(), "# mine\n");
        assert!(!home.path().join("config.old").exists());
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_read_again() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config");
        let mut other = Some("[profile b]\n");
        edit_file(&path, FileKind::Config, OPTIONS, |document| {
            if let Some(other) = other.take() {
                fs::write(&path, other).unwrap();
            }
            document.set(SectionKind::Profile, "a", "x", "1")
        })
        .unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "[profile b]\n\n[profile a]\nx = 1\n");
    }

    #[test]
    fn a_dry_run_and_a_failed_edit_write_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config");
        let edited = edit_file(&path, FileKind::Config, OPTIONS.with_dry_run(true), |document| {
            document.set(SectionKind::Profile, "a", "x", "1")
        });
        assert_eq!(edited.unwrap().after(), "[profile a]\nx = 1\n");
        let refused: Result<_, EditFileError<EditError>> =
            edit_file(&path, FileKind::Config, OPTIONS, |document| {
                document.set(SectionKind::Profile, "a", "x", "1\n2")
            });
        assert!(matches!(refused, Err(EditFileError::Edit(_))));
        assert!(!path.exists());
    }

    #[test]
    fn editors_at_the_same_time_lose_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config");
        std::thread::scope(|scope| {
            for number in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    edit_file(path, FileKind::Config, OPTIONS, |document| {
                        document.set(SectionKind::Profile, &format!("p{number}"), "x", "1")
                    })
                    .unwrap();
                });
            }
        });
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches("[profile p").count(), 8, "{text}");
    }
}
