//! Copies of a configuration file as it was.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use private_file::PrivateFile;

use crate::edit_file::name;

/// A daily copy stays for so long.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A file that is about to be replaced, as it was read; one that is new has nothing to keep.
pub(crate) struct Copy<'a> {
    pub(crate) file: &'a PrivateFile,
    pub(crate) text: &'a str,
}

impl Copy<'_> {
    /// Keeps it, where it was never kept.
    pub(crate) fn keep_once(&self, suffix: &str) -> io::Result<Option<PathBuf>> {
        let backup = self.backup(suffix);
        if self.text.is_empty() || fs::symlink_metadata(backup.path()).is_ok() {
            return Ok(None);
        }
        self.write(&backup)
    }

    /// Keeps it, where the copy before is a day old at `now`.
    pub(crate) fn keep_daily(&self, suffix: &str, now: SystemTime) -> io::Result<Option<PathBuf>> {
        let backup = self.backup(suffix);
        if self.text.is_empty() {
            return Ok(None);
        }
        match fs::symlink_metadata(backup.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            // A link is not followed: nobody knows what it would overwrite.
            Ok(metadata) if !metadata.is_file() => {
                let text =
                    format!("{}, where the backup goes, is no file", backup.path().display());
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
            }
            Ok(metadata) => {
                let age = now.duration_since(metadata.modified()?).unwrap_or_default();
                if age < DAY {
                    return Ok(None);
                }
            }
        }
        self.write(&backup)
    }

    fn backup(&self, suffix: &str) -> PrivateFile {
        self.file.sibling(format!("{}.{suffix}", name(self.file)))
    }

    fn write(&self, backup: &PrivateFile) -> io::Result<Option<PathBuf>> {
        let replacement = backup.prepare()?.with_permissions_of(self.file.path())?;
        replacement.write(self.text.as_bytes())?;
        Ok(Some(backup.path().to_owned()))
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "files of the tests' own")]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{EditError, EditFileError, EditOptions, FileKind, SectionKind, edit_file};

    const MINE: &str = "# mine\n";

    /// Sets a value so long after a day in 2026.
    fn set(path: &Path, value: &str, now: SystemTime) -> Result<Option<PathBuf>, String> {
        let options = EditOptions::new().with_backup("first").with_daily_backup("daily", now);
        let edited: Result<_, EditFileError<EditError>> =
            edit_file(path, FileKind::Config, options, |document| {
                document.set(SectionKind::Profile, "a", "x", value)
            });
        edited.map(|edited| edited.backup).map_err(|error| match error {
            EditFileError::Io { source, .. } => source.to_string(),
            error => error.to_string(),
        })
    }

    fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap()
    }

    fn modified(path: &Path) -> SystemTime {
        fs::metadata(path).unwrap().modified().unwrap()
    }

    #[test]
    fn a_copy_is_kept_of_each_day_but_that_of_the_first_edit() {
        let home = tempfile::tempdir().unwrap();
        let [path, first, daily] =
            ["config", "config.first", "config.daily"].map(|name| home.path().join(name));
        fs::write(&path, MINE).unwrap();
        let begin = modified(&path);
        assert_eq!(set(&path, "1", begin), Ok(Some(first.clone())));
        assert!(!daily.exists());
        let one = read(&path);
        assert_eq!(set(&path, "2", begin), Ok(Some(daily.clone())));
        let made = modified(&daily);
        for (value, now) in [("3", made), ("4", made + DAY - Duration::from_secs(1))] {
            assert_eq!(set(&path, value, now), Ok(None));
        }
        // The clock was set back since.
        assert_eq!(set(&path, "5", made - DAY), Ok(None));
        assert_eq!(read(&daily), one);
        let five = read(&path);
        assert_eq!(set(&path, "5", made + DAY), Ok(None), "nothing is edited");
        assert_eq!(read(&daily), one);
        assert_eq!(set(&path, "6", made + DAY), Ok(Some(daily.clone())));
        assert_eq!((read(&daily), read(&first)), (five, MINE.to_owned()));
    }

    #[cfg(unix)]
    #[test]
    fn a_copy_has_the_mode_of_the_file_and_follows_no_link() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let home = tempfile::tempdir().unwrap();
        let [path, daily, other] =
            ["config", "config.daily", "other"].map(|name| home.path().join(name));
        for file in [&path, &other, &home.path().join("config.first")] {
            fs::write(file, MINE).unwrap();
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let now = modified(&path) + 3 * DAY;
        for target in [Path::new("other"), Path::new("nowhere")] {
            symlink(target, &daily).unwrap();
            let refused = set(&path, "1", now).unwrap_err();
            assert!(refused.ends_with("config.daily, where the backup goes, is no file"));
            assert!(fs::symlink_metadata(&daily).unwrap().is_symlink());
            fs::remove_file(&daily).unwrap();
        }
        assert_eq!((read(&path), read(&other)), (MINE.to_owned(), MINE.to_owned()));
        assert!(!home.path().join("nowhere").exists());
        assert_eq!(set(&path, "1", now), Ok(Some(daily.clone())));
        assert_eq!(fs::metadata(&daily).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
