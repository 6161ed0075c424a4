use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use private_file::PrivateFile;
use wire::{Secret, Timestamp};

use crate::{CacheKey, CachedToken, Lock, Locking, Replacement, SessionKey, TokenError};

/// The largest cache file that is read, in bytes. The largest real one has about 5 KB.
pub const MAX_FILE: u64 = 1 << 20;

/// A directory of cache files, `<stem>.json` each.
#[derive(Clone, Debug)]
pub struct Directory {
    path: PathBuf,
    is_own: bool,
}

/// One cache file, which need not exist.
///
/// It is read whole or not at all, and replaced by a rename, so that a reader never sees half of
/// it. A new file has mode 0600, a new directory 0700. A file that is a symbolic link is replaced
/// where it points to. Whose files are written, and whose not, is told by [`PrivateFile`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheFile {
    file: PrivateFile,
    is_own: bool,
}

impl Directory {
    /// Names a directory, which need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), is_own: false }
    }

    /// Reads no files of another user, also where the directory is theirs.
    #[must_use]
    pub fn with_own_files(self) -> Self {
        Self { is_own: true, ..self }
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the file of a key.
    pub fn file(&self, key: &CacheKey) -> CacheFile {
        self.at(self.path.join(format!("{key}.json")))
    }

    /// Reads the token of a session, expired or not.
    ///
    /// # Errors
    /// Fails where there is none or none that can be read, and names the session.
    pub fn token(&self, session: SessionKey<'_>) -> Result<CachedToken, TokenError> {
        let file = self.file(&CacheKey::for_token(session));
        let (path, session) = (|| file.path().to_owned(), || session.to_string());
        match file.load() {
            Ok(Some(bytes)) => {
                let bytes = Secret::new(bytes);
                CachedToken::read(bytes.expose()).map_err(|source| TokenError::Malformed {
                    session: session(),
                    path: path(),
                    source,
                })
            }
            Ok(None) => Err(TokenError::Absent { session: session(), path: path() }),
            Err(source) => Err(TokenError::Unreadable { session: session(), path: path(), source }),
        }
    }

    fn at(&self, path: PathBuf) -> CacheFile {
        CacheFile { is_own: self.is_own, ..CacheFile::at(path) }
    }

    /// Returns all `*.json` files, none where there is no directory. They may be of any tool.
    ///
    /// # Errors
    /// Fails where the directory cannot be read.
    pub fn files(&self) -> io::Result<Vec<CacheFile>> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut files: Vec<_> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension() == Some(OsStr::new("json")))
            .collect();
        files.sort();
        Ok(files.into_iter().map(|path| self.at(path)).collect())
    }
}

impl CacheFile {
    /// Names a file by its path, for tools that keep theirs elsewhere.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { file: PrivateFile::at(path), is_own: false }
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Returns another file beside this one, with an extension instead of `json`: no tool takes it
    /// for a token.
    #[must_use]
    pub fn beside(&self, extension: &str) -> Self {
        Self { is_own: self.is_own, ..Self::at(self.path().with_extension(extension)) }
    }

    /// Reads the file, `None` where there is none.
    ///
    /// # Errors
    /// Fails where the file cannot be read, is no regular file, is over [`MAX_FILE`], or was put
    /// there by another user.
    pub fn load(&self) -> io::Result<Option<Vec<u8>>> {
        self.load_at_most(MAX_FILE)
    }

    /// Reads a file that may be larger than a credential is.
    ///
    /// # Errors
    /// As [`CacheFile::load`], with another limit in bytes.
    pub fn load_at_most(&self, limit: u64) -> io::Result<Option<Vec<u8>>> {
        if self.is_own { self.file.load_own(limit) } else { self.file.load(limit) }
    }

    /// Replaces the file by `data`: temporary file in the same directory, sync, rename.
    ///
    /// # Errors
    /// Fails where the directory cannot be written; the old file is whole then.
    pub fn replace(&self, data: &[u8]) -> io::Result<()> {
        self.begin()?.write(data)
    }

    /// The same without waiting for the disk: for what can be had again.
    ///
    /// # Errors
    /// As [`CacheFile::replace`].
    pub fn replace_unsynced(&self, data: &[u8]) -> io::Result<()> {
        self.begin()?.write_unsynced(data).map(drop)
    }

    /// Makes room for a new version of the file; see [`Replacement::reserve`].
    ///
    /// # Errors
    /// Fails where the directory cannot be made or written, and where the file is a link to what is
    /// no cache file.
    pub fn prepare(&self) -> io::Result<Replacement> {
        self.begin()?.reserve()
    }

    fn begin(&self) -> io::Result<Replacement> {
        self.file.prepare_if(|old| {
            let old = crate::without_byte_order_mark(old).trim_ascii_start();
            old.is_empty() || old.starts_with(b"{")
        })
    }

    /// Removes the file, where it points to if it is a symbolic link; tells whether there was one.
    ///
    /// # Errors
    /// Fails where the file cannot be removed.
    pub fn remove(&self) -> io::Result<bool> {
        self.file.remove()
    }

    /// Gives a file that nobody can read another name, `<name>.corrupt`, so that it is kept; tells
    /// whether there was one.
    ///
    /// # Errors
    /// Fails where it cannot be renamed.
    pub fn set_aside(&self) -> io::Result<bool> {
        self.file.set_aside("corrupt")
    }

    /// Tries to lock the file, without waiting.
    pub fn try_lock(&self) -> Locking {
        match self.file.try_lock() {
            private_file::Locking::Busy => Locking::Busy,
            private_file::Locking::Held(lock) => Locking::Held(Lock::new(lock)),
            private_file::Locking::Unsupported => Locking::Unsupported,
        }
    }

    /// Returns when a refresh under the lock of this file was last attempted.
    pub fn last_attempt(&self) -> Option<Timestamp> {
        seconds(self.file.marked_at()?)
    }

    /// Returns when the file was written, by the clock of the machine at that time.
    pub fn written_at(&self) -> Option<Timestamp> {
        seconds(fs::metadata(self.path()).ok()?.modified().ok()?)
    }

    /// Adds `data` at the end of the file; see [`PrivateFile::append`].
    ///
    /// # Errors
    /// As [`PrivateFile::append`].
    pub fn append(&self, data: &[u8]) -> io::Result<()> {
        self.file.append(data)
    }

    /// Changes a small value that processes share; see [`PrivateFile::exchange`].
    ///
    /// # Errors
    /// As [`PrivateFile::exchange`].
    pub fn exchange<T>(&self, change: impl FnOnce(&[u8]) -> (Vec<u8>, T)) -> io::Result<Option<T>> {
        self.file.exchange(change)
    }
}

fn seconds(time: SystemTime) -> Option<Timestamp> {
    Some(Timestamp::from(time)).filter(|time| time.unix() > 0)
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    fn cache_file() -> (tempfile::TempDir, Directory, CacheFile) {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::new(root.path().join("sso/cache"));
        let file = directory.file(&CacheKey::for_session("dev"));
        (root, directory, file)
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
    fn a_token_that_cannot_be_had_is_named_by_its_session() {
        let (_root, directory, file) = cache_file();
        let session = SessionKey::Session("dev");
        let shown = || directory.token(session).unwrap_err().to_string();
        assert!(shown().starts_with("not signed in to `dev`"), "{}", shown());
        file.replace(b"{}").unwrap();
        assert!(shown().starts_with("the token of `dev` at "), "{}", shown());
        let token = CachedToken::new(Secret::from("t"), Timestamp::from_unix(1));
        file.replace(token.to_vec().expose()).unwrap();
        assert_eq!(directory.token(session).unwrap().expires_at, Timestamp::from_unix(1));
        file.remove().unwrap();
        fs::create_dir(file.path()).unwrap();
        assert!(matches!(directory.token(session), Err(TokenError::Unreadable { .. })));
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
        assert!(file.prepare().is_err(), "it could not be replaced later either");
        let other = directory.file(&CacheKey::for_session("other"));
        File::create(other.path()).unwrap().set_len(MAX_FILE + 1).unwrap();
        assert!(other.load().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_to_a_cache_file_and_to_nothing_else() {
        let (root, directory, file) = cache_file();
        fs::create_dir_all(directory.path()).unwrap();
        let target = root.path().join("token");
        std::os::unix::fs::symlink(&target, file.path()).unwrap();
        file.replace(b"{}").unwrap();
        file.replace(b"{\"a\": 1}").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"{\"a\": 1}");
        io::Write::write_all(&mut File::create(&target).unwrap(), b"ssh-ed25519 AAAA").unwrap();
        assert!(file.replace(b"{}").is_err());
        assert_eq!(fs::read(&target).unwrap(), b"ssh-ed25519 AAAA");
    }
}
