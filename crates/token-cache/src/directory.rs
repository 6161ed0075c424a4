use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use wire::Timestamp;

use crate::{CacheKey, Lock, Locking, Replacement};

/// The largest cache file that is read, in bytes. The largest real one has about 5 KB.
pub const MAX_FILE: u64 = 1 << 20;

/// A directory of cache files, `<stem>.json` each.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

/// One cache file, which need not exist.
///
/// It is read whole or not at all, and replaced by a rename, so that a reader never sees half of
/// it. A new file has mode 0600, a new directory 0700. A file that is a symbolic link is replaced
/// where it points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheFile(PathBuf);

impl Directory {
    /// Names a directory, which need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Returns the file of a key.
    pub fn file(&self, key: &CacheKey) -> CacheFile {
        CacheFile(self.0.join(format!("{key}.json")))
    }

    /// Returns all `*.json` files, none where there is no directory. They may be of any tool.
    ///
    /// # Errors
    /// Fails where the directory cannot be read.
    pub fn files(&self) -> io::Result<Vec<CacheFile>> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut files: Vec<_> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension() == Some(OsStr::new("json")))
            .collect();
        files.sort();
        Ok(files.into_iter().map(CacheFile).collect())
    }
}

impl CacheFile {
    /// Names a file by its path, for tools that keep theirs elsewhere.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns another file beside this one, with an extension instead of `json`: no tool takes it
    /// for a token.
    #[must_use]
    pub fn beside(&self, extension: &str) -> Self {
        Self(self.0.with_extension(extension))
    }

    /// Reads the file, `None` where there is none.
    ///
    /// # Errors
    /// Fails where the file cannot be read, is no regular file, or is over [`MAX_FILE`].
    pub fn load(&self) -> io::Result<Option<Vec<u8>>> {
        load(&self.0, MAX_FILE)
    }

    /// Reads a file that may be larger than a credential is.
    ///
    /// # Errors
    /// As [`CacheFile::load`], with another limit in bytes.
    pub fn load_at_most(&self, limit: u64) -> io::Result<Option<Vec<u8>>> {
        load(&self.0, limit)
    }

    /// Replaces the file by `data`: temporary file in the same directory, sync, rename.
    ///
    /// # Errors
    /// Fails where the directory cannot be written; the old file is whole then.
    pub fn replace(&self, data: &[u8]) -> io::Result<()> {
        Replacement::of(&self.0)?.write(data)
    }

    /// The same without waiting for the disk: for what can be had again.
    ///
    /// # Errors
    /// As [`CacheFile::replace`].
    pub fn replace_unsynced(&self, data: &[u8]) -> io::Result<()> {
        Replacement::of(&self.0)?.write_unsynced(data).map(drop)
    }

    /// Makes room for a new version of the file; see [`Replacement`].
    ///
    /// # Errors
    /// Fails where the directory cannot be made or written.
    pub fn prepare(&self) -> io::Result<Replacement> {
        Replacement::with_room(&self.0)
    }

    /// Removes the file; tells whether there was one.
    ///
    /// # Errors
    /// Fails where the file cannot be removed.
    pub fn remove(&self) -> io::Result<bool> {
        match fs::remove_file(&self.0) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Tries to lock the file, without waiting.
    pub fn try_lock(&self) -> Locking {
        match create_private(self.directory()).and_then(|()| open_lock(&self.lock_path())) {
            Ok(file) => Lock::try_on(file),
            Err(_) => Locking::Unsupported,
        }
    }

    /// Returns when a refresh under the lock of this file was last attempted.
    pub fn last_attempt(&self) -> Option<Timestamp> {
        modified(&self.lock_path())
    }

    /// Returns when the file was written, by the clock of the machine at that time.
    pub fn written_at(&self) -> Option<Timestamp> {
        modified(&self.0)
    }

    pub(crate) fn directory(&self) -> &Path {
        directory_of(&self.0)
    }

    fn lock_path(&self) -> PathBuf {
        self.0.with_extension("lock")
    }
}

fn load(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    // Before it is opened: a FIFO would block that for ever.
    let size = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        Ok(metadata) if !metadata.is_file() => return Err(io::Error::other("not a regular file")),
        Ok(metadata) => metadata.len().min(limit),
    };
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    // One byte more than needed lets a single read find the end, and no buffer is left behind.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let error = format!("over {} MiB", limit >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, error));
    }
    Ok(Some(bytes))
}

fn modified(path: &Path) -> Option<Timestamp> {
    let modified = fs::metadata(path).ok()?.modified().ok()?;
    let seconds = modified.duration_since(UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Timestamp::from_unix)
}

/// Returns the directory that a file is in.
pub(crate) fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Makes a directory that only its owner can enter; one that exists stays as it is.
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cache_file() -> (tempfile::TempDir, Directory, CacheFile) {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::new(root.path().join("sso/cache"));
        let file = directory.file(&CacheKey::for_session("dev"));
        (root, directory, file)
    }

    #[test]
    fn a_file_is_private_and_its_directory_too() {
        let (_root, directory, file) = cache_file();
        assert_eq!(file.load().unwrap(), None);
        file.replace(b"one").unwrap();
        file.replace(b"two").unwrap();
        assert_eq!(file.load().unwrap().as_deref(), Some(&b"two"[..]));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(file.path()), 0o600);
            assert_eq!(mode(&directory.0), 0o700);
        }
        assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 1, "no temporary file is left");
        assert!(file.remove().unwrap());
        assert!(!file.remove().unwrap());
    }

    #[test]
    fn a_lock_is_held_by_one_and_remembers_the_last_attempt() {
        let (_root, directory, file) = cache_file();
        let Locking::Held(lock) = file.try_lock() else { panic!("locks work here") };
        assert!(matches!(file.try_lock(), Locking::Busy));
        assert_eq!(file.last_attempt(), None);
        let now = Timestamp::from_unix(1_767_323_045);
        lock.mark_attempt(now);
        assert_eq!(file.last_attempt(), Some(now));
        drop(lock);
        assert!(matches!(file.try_lock(), Locking::Held(_)));
        assert_eq!(file.last_attempt(), Some(now));
        assert!(directory.files().unwrap().is_empty(), "a lock is no cache file");
    }

    #[test]
    fn where_nothing_can_be_written_there_are_no_locks() {
        let root = tempfile::NamedTempFile::new().unwrap();
        let file = CacheFile::at(root.path().join("cache/x.json"));
        assert!(matches!(file.try_lock(), Locking::Unsupported));
        assert!(file.prepare().is_err());
    }

    #[test]
    fn what_is_no_cache_file_is_refused() {
        let (_root, directory, file) = cache_file();
        fs::create_dir_all(file.path()).unwrap();
        assert!(file.load().is_err());
        let other = directory.file(&CacheKey::for_session("other"));
        File::create(other.path()).unwrap().set_len(MAX_FILE + 1).unwrap();
        assert!(other.load().is_err());
    }
}
