use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::NamedTempFile;
use wire::Timestamp;

use crate::{CacheKey, Lock, Locking};

/// The largest cache file that is read, in bytes. The largest real one has about 5 KB.
pub const MAX_FILE: u64 = 1 << 20;

/// How much is written ahead to learn whether a replacement can be stored.
const RESERVE: usize = 16 * 1024;

/// Temporary files of other keys are removed when they are this old: no replacement takes so long.
const STALE_AFTER: Duration = Duration::from_secs(3600);

/// A directory of cache files, `<stem>.json` each.
///
/// Files are read whole or not at all, and replaced by a rename, so that a reader never sees half
/// of one. New files have mode 0600, new directories 0700. A file that is a symbolic link is
/// replaced where it points to.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

/// Room for a new version of a file, written and synced ahead, so that nothing that cannot be
/// repeated is done before it is known that its result can be stored.
#[derive(Debug)]
pub struct Replacement {
    temp: NamedTempFile,
    target: PathBuf,
}

impl Directory {
    /// Names a directory, which need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Returns the path of the directory.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the path of a file.
    pub fn file(&self, key: &CacheKey) -> PathBuf {
        self.0.join(format!("{key}.json"))
    }

    /// Reads a file, `None` where there is none.
    ///
    /// # Errors
    /// Fails where the file cannot be read, is no regular file, or is over [`MAX_FILE`].
    pub fn load(&self, key: &CacheKey) -> io::Result<Option<Vec<u8>>> {
        load(&self.file(key))
    }

    /// Replaces a file by `data`: temporary file in the same directory, sync, rename.
    ///
    /// # Errors
    /// Fails where the directory cannot be written; the old file is whole then.
    pub fn replace(&self, key: &CacheKey, data: &[u8]) -> io::Result<()> {
        self.prepare(key)?.write(data)
    }

    /// Makes room for a new version of a file; see [`Replacement`].
    ///
    /// # Errors
    /// Fails where the directory cannot be made or written.
    pub fn prepare(&self, key: &CacheKey) -> io::Result<Replacement> {
        create_private(&self.0)?;
        let target = resolve_link(&self.file(key))?;
        let parent = target.parent().unwrap_or(&self.0);
        remove_stale(parent, key);
        let mut temp = tempfile::Builder::new()
            .prefix(&format!(".{key}."))
            .suffix(".tmp")
            .tempfile_in(parent)?;
        temp.write_all(&[b' '; RESERVE])?;
        temp.as_file().sync_all()?;
        Ok(Replacement { temp, target })
    }

    /// Removes a file; tells whether there was one.
    ///
    /// # Errors
    /// Fails where the file cannot be removed.
    pub fn remove(&self, key: &CacheKey) -> io::Result<bool> {
        remove(&self.file(key))
    }

    /// Tries to lock a key, without waiting.
    pub fn try_lock(&self, key: &CacheKey) -> Locking {
        match create_private(&self.0).and_then(|()| open_lock(&self.lock_file(key))) {
            Ok(file) => Lock::try_on(file),
            Err(_) => Locking::Unsupported,
        }
    }

    /// Returns when a refresh under the lock of this key was last attempted.
    pub fn last_attempt(&self, key: &CacheKey) -> Option<Timestamp> {
        let modified = fs::metadata(self.lock_file(key)).ok()?.modified().ok()?;
        let seconds = modified.duration_since(UNIX_EPOCH).ok()?.as_secs();
        i64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Timestamp::from_unix)
    }

    /// Returns the paths of all `*.json` files, none where there is no directory. They may be of
    /// any tool.
    ///
    /// # Errors
    /// Fails where the directory cannot be read.
    pub fn files(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut files: Vec<_> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension() == Some(OsStr::new("json")))
            .collect();
        files.sort();
        Ok(files)
    }

    /// Reads one of [`Directory::files`]; see [`Directory::load`].
    ///
    /// # Errors
    /// As [`Directory::load`].
    pub fn load_file(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        load(path)
    }

    /// Removes one of [`Directory::files`]; tells whether it was there.
    ///
    /// # Errors
    /// Fails where the file cannot be removed.
    pub fn remove_file(&self, path: &Path) -> io::Result<bool> {
        remove(path)
    }

    fn lock_file(&self, key: &CacheKey) -> PathBuf {
        self.0.join(format!("{key}.lock"))
    }
}

impl Replacement {
    /// Writes the new version and puts it in place of the old one.
    ///
    /// # Errors
    /// Fails where it cannot be written; the old file is whole then.
    pub fn write(mut self, data: &[u8]) -> io::Result<()> {
        self.temp.rewind()?;
        self.temp.write_all(data)?;
        self.temp.as_file().set_len(data.len() as u64)?;
        self.temp.as_file().sync_all()?;
        self.temp.persist(&self.target)?;
        Ok(())
    }
}

fn load(path: &Path) -> io::Result<Option<Vec<u8>>> {
    // A FIFO would block the open for ever.
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        Ok(metadata) if !metadata.is_file() => {
            return Err(io::Error::other("not a regular file"));
        }
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "over 1 MiB"));
    }
    Ok(Some(bytes))
}

fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes a directory that only its owner can enter; one that exists stays as it is.
fn create_private(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Returns the file that a chain of symbolic links ends at, which need not exist.
fn resolve_link(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path), // no link, or nothing there
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true); // NFS locks only what is open for writing
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        file => return file,
    }
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.clone().create_new(true).open(path) {
        Ok(file) => {
            // A new file has its own creation as modification time; no attempt was made yet.
            file.set_times(fs::FileTimes::new().set_modified(UNIX_EPOCH))?;
            Ok(file)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options.open(path),
        Err(error) => Err(error),
    }
}

/// Removes the temporary files that killed processes left: those of this key, whose lock the caller
/// holds, and old ones of any key.
fn remove_stale(directory: &Path, key: &CacheKey) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    let own = format!(".{key}.");
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let is_temp = name
            .strip_prefix('.')
            .and_then(|name| name.strip_suffix(".tmp"))
            .is_some_and(|name| name.split('.').next().is_some_and(|stem| is_stem(stem)));
        if is_temp && (name.starts_with(&own) || is_old(&entry)) {
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

    fn directory() -> (tempfile::TempDir, Directory, CacheKey) {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::new(root.path().join("sso/cache"));
        (root, directory, CacheKey::for_session("dev"))
    }

    #[test]
    fn a_file_is_private_and_its_directory_too() {
        let (_root, directory, key) = directory();
        assert_eq!(directory.load(&key).unwrap(), None);
        directory.replace(&key, b"one").unwrap();
        directory.replace(&key, b"two").unwrap();
        assert_eq!(directory.load(&key).unwrap().as_deref(), Some(&b"two"[..]));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&directory.file(&key)), 0o600);
            assert_eq!(mode(directory.path()), 0o700);
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no temporary file is left");
        assert!(directory.remove(&key).unwrap());
        assert!(!directory.remove(&key).unwrap());
    }

    #[test]
    fn what_was_prepared_and_not_written_leaves_the_old_file() {
        let (_root, directory, key) = directory();
        directory.replace(&key, b"old").unwrap();
        drop(directory.prepare(&key).unwrap());
        assert_eq!(directory.load(&key).unwrap().as_deref(), Some(&b"old"[..]));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_stays_and_its_target_is_replaced() {
        let (root, directory, key) = directory();
        create_private(directory.path()).unwrap();
        let elsewhere = root.path().join("dotfiles");
        fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink("../../dotfiles/token", directory.file(&key)).unwrap();
        directory.replace(&key, b"new").unwrap();
        assert!(fs::symlink_metadata(directory.file(&key)).unwrap().is_symlink());
        assert_eq!(fs::read(elsewhere.join("token")).unwrap(), b"new");
    }

    #[test]
    fn temporary_files_of_killed_processes_go() {
        let (_root, directory, key) = directory();
        let other = CacheKey::for_session("other");
        create_private(directory.path()).unwrap();
        let temp = |key: &CacheKey, name| directory.path().join(format!(".{key}.{name}.tmp"));
        let create = |path: &Path, age: u64| {
            let file = File::create(path).unwrap();
            file.set_modified(
                file.metadata().unwrap().modified().unwrap() - Duration::from_secs(age),
            )
            .unwrap();
        };
        let kept = [temp(&other, "young"), directory.path().join(".unrelated.tmp")];
        create(&kept[0], 0);
        create(&kept[1], 7200);
        let gone = [temp(&key, "killed"), temp(&other, "old")];
        create(&gone[0], 0);
        create(&gone[1], 7200);
        directory.replace(&key, b"x").unwrap();
        assert!(kept.iter().all(|path| path.exists()));
        assert!(!gone.iter().any(|path| path.exists()));
    }

    #[test]
    fn a_lock_is_held_by_one_and_remembers_the_last_attempt() {
        let (_root, directory, key) = directory();
        let Locking::Held(lock) = directory.try_lock(&key) else { panic!("locks work here") };
        assert!(matches!(directory.try_lock(&key), Locking::Busy));
        assert_eq!(directory.last_attempt(&key), None);
        let now = Timestamp::from_unix(1_767_323_045);
        lock.mark_attempt(now);
        assert_eq!(directory.last_attempt(&key), Some(now));
        drop(lock);
        assert!(matches!(directory.try_lock(&key), Locking::Held(_)));
        assert_eq!(directory.last_attempt(&key), Some(now));
        assert!(directory.files().unwrap().is_empty(), "a lock is no cache file");
    }

    #[test]
    fn where_nothing_can_be_written_there_are_no_locks() {
        let (root, _, key) = directory();
        fs::write(root.path().join("file"), b"").unwrap();
        let directory = Directory::new(root.path().join("file/cache"));
        assert!(matches!(directory.try_lock(&key), Locking::Unsupported));
        assert!(directory.prepare(&key).is_err());
    }

    #[test]
    fn what_is_no_cache_file_is_refused() {
        let (_root, directory, key) = directory();
        fs::create_dir_all(directory.file(&key)).unwrap();
        assert!(directory.load(&key).is_err());
        let other = CacheKey::for_session("other");
        File::create(directory.file(&other)).unwrap().set_len(MAX_FILE + 1).unwrap();
        assert!(directory.load(&other).is_err());
    }
}
