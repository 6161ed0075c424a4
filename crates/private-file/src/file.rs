use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::owner::foreign_owner;
use crate::place::{Links, Place, open_to_read};
use crate::{Lock, Locking, Refusal, Replacement};

/// A file of the user who runs the program, which need not exist.
///
/// It is read whole or not at all, and replaced by a rename, so that a reader never sees half of
/// it. A new file has mode 0600, a new directory 0700; on Windows they have an access list with the
/// user alone. A file that is a symbolic link is replaced
/// where it points to.
///
/// Whatever writes fails with a [`crate::Refusal`] where the directory, the file or a link on the way
/// belongs to another user than the one who runs the program, or root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateFile(PathBuf);

impl PrivateFile {
    /// Names a file.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the file of another name in the same directory.
    #[must_use]
    pub fn sibling(&self, name: impl AsRef<OsStr>) -> Self {
        Self(self.0.with_file_name(name.as_ref()))
    }

    /// Returns the file that this one is a symbolic link to, or itself; makes the directory that it
    /// is in.
    ///
    /// # Errors
    /// Fails where the directory cannot be made, or the file not be written.
    pub fn resolved(&self) -> io::Result<Self> {
        Ok(Self(Place::make(&self.0, Links::Followed)?.path()))
    }

    /// Reads the file, `None` where there is none. One of another user is refused, unless the whole
    /// directory is theirs.
    ///
    /// # Errors
    /// Fails where the file cannot be read, is no regular file, or is larger than `limit` bytes.
    pub fn load(&self, limit: u64) -> io::Result<Option<Vec<u8>>> {
        self.load_if(limit, |found| is_owner_of_directory(&self.0, found))
    }

    /// As [`PrivateFile::load`], and refuses also what is in a directory of another user.
    ///
    /// # Errors
    /// As [`PrivateFile::load`].
    pub fn load_own(&self, limit: u64) -> io::Result<Option<Vec<u8>>> {
        self.load_if(limit, |_| false)
    }

    fn load_if(
        &self,
        limit: u64,
        is_allowed: impl FnOnce(&Metadata) -> bool,
    ) -> io::Result<Option<Vec<u8>>> {
        let Some((file, found)) = open(&self.0)? else { return Ok(None) };
        match foreign_owner(&self.0, &found) {
            Some(refusal) if !is_allowed(&found) => Err(refusal.into()),
            _ => read_to_end(file, found.len(), limit).map(Some),
        }
    }

    /// Replaces the file by `data`: temporary file in the same directory, sync, rename.
    ///
    /// # Errors
    /// Fails where the directory cannot be written; the old file is whole then.
    pub fn replace(&self, data: &[u8]) -> io::Result<()> {
        self.prepare()?.write(data)
    }

    /// Begins a new version of the file; see [`Replacement`].
    ///
    /// # Errors
    /// Fails where the directory cannot be made or written.
    pub fn prepare(&self) -> io::Result<Replacement> {
        Replacement::of(&self.0)
    }

    /// As [`PrivateFile::prepare`]; where the file is a symbolic link, what it leads to must be such
    /// as `is_ours` knows it.
    ///
    /// # Errors
    /// As [`PrivateFile::prepare`], and where the link leads to something else.
    pub fn prepare_if(&self, is_ours: impl FnOnce(&[u8]) -> bool) -> io::Result<Replacement> {
        let replacement = self.prepare()?;
        if replacement.is_linked() {
            let (mut head, path) = (Vec::new(), replacement.path());
            if let Some((file, _)) = open(&path)? {
                file.take(4096).read_to_end(&mut head)?;
            }
            if !is_ours(&head) {
                return Err(Refusal::OtherContent(path).into());
            }
        }
        Ok(replacement)
    }

    /// Removes the file, where it points to if it is a symbolic link; tells whether there was one.
    ///
    /// # Errors
    /// Fails where the file cannot be removed.
    pub fn remove(&self) -> io::Result<bool> {
        let Some(place) = self.existing()? else { return Ok(false) };
        place.directory.remove(&place.name)
    }

    /// Gives the file another name, `<name>.<extension>`, whatever it holds; tells whether there was
    /// one.
    ///
    /// # Errors
    /// Fails where it cannot be renamed.
    pub fn set_aside(&self, extension: &str) -> io::Result<bool> {
        let Some(place) = self.existing()? else { return Ok(false) };
        let mut name = place.name.clone();
        name.push(".");
        name.push(extension);
        place.directory.rename(&place.name, &name)?;
        let _ = place.directory.close_to_others(&name); // it is kept, whatever its mode
        Ok(true)
    }

    fn existing(&self) -> io::Result<Option<Place>> {
        match Place::find(&self.0, Links::Followed) {
            Ok(place) if place.exists() => Ok(Some(place.own_directory()?)),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes the file anew, whatever had its name.
    ///
    /// # Errors
    /// Fails where it cannot be made.
    pub fn begin(&self) -> io::Result<File> {
        let place = Place::make_anew(&self.0)?;
        place.directory.remove(&place.name)?;
        place.directory.create(&place.name)
    }

    /// Tries to lock the file, without waiting. The lock is on an empty file beside it, with the
    /// extension `lock`.
    pub fn try_lock(&self) -> Locking {
        open_lock(&self.lock_path()).map_or(Locking::Unsupported, Lock::try_on)
    }

    /// Locks this file itself, which nobody replaces, and waits for it.
    ///
    /// # Errors
    /// Fails where there are no locks.
    pub fn lock_itself(&self) -> io::Result<Lock> {
        Lock::wait_on(open_lock(&self.0)?)
    }

    /// Returns the time that was noted last in the lock beside the file.
    pub fn marked_at(&self) -> Option<SystemTime> {
        fs::metadata(self.lock_path()).ok()?.modified().ok()
    }

    fn lock_path(&self) -> PathBuf {
        self.0.with_extension("lock")
    }
}

/// Reads a file of anybody, `None` where there is none.
///
/// # Errors
/// Fails where the file cannot be read, is no regular file, or is larger than `limit` bytes.
pub fn read(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let Some((file, found)) = open(path)? else { return Ok(None) };
    read_to_end(file, found.len(), limit).map(Some)
}

fn open(path: &Path) -> io::Result<Option<(File, Metadata)>> {
    let file = match open_to_read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let found = file.metadata()?;
    if found.is_file() {
        Ok(Some((file, found)))
    } else {
        Err(io::Error::other("not a regular file"))
    }
}

fn read_to_end(file: File, size: u64, limit: u64) -> io::Result<Vec<u8>> {
    // One byte more than needed lets a single read find the end, and no buffer is left behind.
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(limit)).unwrap_or(0) + 1);
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let error = format!("over {} MiB", limit >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, error));
    }
    Ok(bytes)
}

#[cfg(unix)]
fn is_owner_of_directory(path: &Path, found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = fs::metadata(directory.unwrap_or_else(|| Path::new(".")));
    directory.is_ok_and(|directory| directory.uid() == found.uid())
}

#[cfg(not(unix))]
fn is_owner_of_directory(_: &Path, _: &Metadata) -> bool {
    true
}

fn open_lock(path: &Path) -> io::Result<File> {
    let place = Place::make(path, Links::Refused)?;
    match place.open() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        file => return file,
    }
    match place.directory.create(&place.name) {
        Ok(file) => {
            // A new file has its own creation as modification time; nothing was noted yet.
            file.set_times(fs::FileTimes::new().set_modified(SystemTime::UNIX_EPOCH))?;
            Ok(file)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => place.open(),
        Err(error) => Err(error),
    }
}
