use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

use crate::directory::{create_private, directory_of};

/// How much is written ahead to learn whether a replacement can be stored.
const RESERVE: usize = 16 * 1024;

/// Temporary files of other keys are removed when they are this old: no replacement takes so long.
const STALE_AFTER: Duration = Duration::from_secs(3600);

/// Room for a new version of a file, written and synced ahead, so that nothing that cannot be
/// repeated is done before it is known that its result can be stored.
#[derive(Debug)]
pub struct Replacement {
    temp: NamedTempFile,
    /// The file itself, where the path that was named is a symbolic link.
    target: PathBuf,
    prefix: String,
}

/// A new version that all processes see, and that a loss of power may still take.
#[derive(Debug)]
pub struct Written(File);

impl Replacement {
    /// Makes room for a new version.
    pub(crate) fn with_room(path: &Path) -> io::Result<Self> {
        let mut replacement = Self::of(path)?;
        replacement.temp.write_all(&[b' '; RESERVE])?;
        replacement.temp.as_file().sync_all()?;
        Ok(replacement)
    }

    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        create_private(directory_of(path))?;
        let target = resolve_link(path)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{stem}.");
        remove_stale(directory_of(&target), &prefix);
        let temp = temporary(&prefix, &target)?;
        Ok(Self { temp, target, prefix })
    }

    /// Writes the new version, waits for the disk, and puts it in place of the old one.
    ///
    /// # Errors
    /// Fails where it cannot be written; the old file is whole then.
    pub fn write(self, data: &[u8]) -> io::Result<()> {
        self.persist(data, File::sync_all).map(drop)
    }

    /// Writes the new version and puts it in place of the old one, without waiting for the disk: for
    /// what can be had again, or where the old version is of no use any more.
    ///
    /// # Errors
    /// As [`Replacement::write`].
    pub fn write_unsynced(self, data: &[u8]) -> io::Result<Written> {
        self.persist(data, |_| Ok(())).map(Written)
    }

    fn persist(self, data: &[u8], sync: fn(&File) -> io::Result<()>) -> io::Result<File> {
        let Self { temp, target, prefix } = self;
        match persist(temp, data, &target, sync) {
            // Somebody cleaned up meanwhile, which must not cost what nobody hands out again.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create_private(directory_of(&target))?;
                persist(temporary(&prefix, &target)?, data, &target, sync)
            }
            result => result,
        }
    }
}

impl Written {
    /// Waits until the new version is on the disk.
    ///
    /// # Errors
    /// Fails where the disk does not take it.
    pub fn sync(&self) -> io::Result<()> {
        self.0.sync_all()
    }
}

fn temporary(prefix: &str, target: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(prefix).suffix(".tmp").tempfile_in(directory_of(target))
}

fn persist(
    mut temp: NamedTempFile,
    data: &[u8],
    target: &Path,
    sync: fn(&File) -> io::Result<()>,
) -> io::Result<File> {
    temp.rewind()?;
    temp.write_all(data)?;
    temp.as_file().set_len(data.len() as u64)?;
    sync(temp.as_file())?;
    Ok(temp.persist(target)?)
}

/// Returns the file that a chain of symbolic links ends at, which need not exist.
fn resolve_link(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or_else(|| Path::new("")).join(target),
            Err(_) => return Ok(path), // no link, or nothing there
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Removes the temporary files that killed processes left: those of this file, whose lock the caller
/// holds, and old ones of any cache file.
fn remove_stale(directory: &Path, own: &str) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let Some(inner) = name.strip_suffix(".tmp").and_then(|name| name.strip_prefix('.')) else {
            continue;
        };
        let is_ours = inner.split_once('.').is_some_and(|(stem, _)| is_stem(stem));
        if name.starts_with(own) || (is_ours && is_old(&entry)) {
            let _ = fs::remove_file(entry.path()); // another process may have been faster
        }
    }
}

fn is_stem(stem: &str) -> bool {
    stem.len() == 40 && stem.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[expect(clippy::disallowed_methods, reason = "compared with the file system's own clock")]
fn is_old(entry: &fs::DirEntry) -> bool {
    let modified = entry.metadata().and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| {
        SystemTime::now().duration_since(modified).is_ok_and(|age| age > STALE_AFTER)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CacheFile, CacheKey, Directory};

    fn cache_file() -> (tempfile::TempDir, PathBuf, CacheFile) {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("sso/cache");
        let file = Directory::new(&directory).file(&CacheKey::for_session("dev"));
        (root, directory, file)
    }

    #[test]
    fn what_was_prepared_and_not_written_leaves_the_old_file() {
        let (_root, directory, file) = cache_file();
        file.replace(b"old").unwrap();
        drop(file.prepare().unwrap());
        assert_eq!(file.load().unwrap().as_deref(), Some(&b"old"[..]));
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_stays_and_its_target_is_replaced() {
        let (root, directory, file) = cache_file();
        create_private(&directory).unwrap();
        let elsewhere = root.path().join("dotfiles");
        fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink("../../dotfiles/token", file.path()).unwrap();
        file.replace(b"new").unwrap();
        assert!(fs::symlink_metadata(file.path()).unwrap().is_symlink());
        assert_eq!(fs::read(elsewhere.join("token")).unwrap(), b"new");
    }

    #[test]
    fn temporary_files_of_killed_processes_go() {
        let (_root, directory, file) = cache_file();
        let other = CacheKey::for_session("other");
        create_private(&directory).unwrap();
        let temp = |key: &CacheKey, name| directory.join(format!(".{key}.{name}.tmp"));
        let create = |path: &Path, age: u64| {
            let file = File::create(path).unwrap();
            file.set_modified(
                file.metadata().unwrap().modified().unwrap() - Duration::from_secs(age),
            )
            .unwrap();
        };
        let kept = [temp(&other, "young"), directory.join(".unrelated.tmp")];
        create(&kept[0], 0);
        create(&kept[1], 7200);
        let gone = [temp(&CacheKey::for_session("dev"), "killed"), temp(&other, "old")];
        create(&gone[0], 0);
        create(&gone[1], 7200);
        file.replace(b"x").unwrap();
        assert!(kept.iter().all(|path| path.exists()));
        assert!(!gone.iter().any(|path| path.exists()));
    }

    #[test]
    fn what_was_removed_meanwhile_is_stored_all_the_same() {
        let (_root, directory, file) = cache_file();
        let first = file.prepare().unwrap();
        let second = file.prepare().unwrap();
        first.write(b"one").unwrap();
        assert_eq!(file.load().unwrap().as_deref(), Some(&b"one"[..]));
        fs::remove_dir_all(&directory).unwrap();
        second.write(b"two").unwrap();
        assert_eq!(file.load().unwrap().as_deref(), Some(&b"two"[..]));
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    }
}
