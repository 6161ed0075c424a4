use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::place::{Directory, Held, Links, Place, to_disk};

/// How much is written ahead to learn whether a replacement can be stored.
const RESERVE: usize = 16 * 1024;

/// What the names of temporary files have in them.
const MARK: &str = ".partial-";

/// Temporary files of other files are removed when they are this old, in seconds: no replacement
/// takes so long.
const STALE_AFTER: u64 = 3600;

/// A new version of a file that is begun beside it.
#[derive(Debug)]
pub struct Replacement {
    /// As it was named; it may be a link.
    path: PathBuf,
    place: Place,
    temp: Temp,
    /// The old version, once there is room for the new one.
    replaced: Option<Held>,
}

/// A new version that all processes see, and that a loss of power may still take.
#[derive(Debug)]
pub struct Written {
    file: File,
    directory: Directory,
    /// Its blocks are freed by whoever closes it last, which takes as long as a request on this
    /// machine: the thread that waits for the disk, and not the one that goes on.
    _replaced: Option<Held>,
}

#[derive(Debug)]
struct Temp {
    file: File,
    name: TempName,
    /// Whether it is longer than nothing already.
    has_filler: bool,
}

/// The name of a temporary file, which is removed when this is dropped; none once it was renamed.
#[derive(Debug)]
struct TempName {
    directory: Directory,
    name: OsString,
}

impl Replacement {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let place = Place::make(path, Links::Followed)?;
        remove_stale(&place);
        let temp = Temp::beside(&place)?;
        Ok(Self { path: path.to_owned(), place, temp, replaced: None })
    }

    /// Makes room for 16 KiB, so that nothing that cannot be repeated is done before it is known that
    /// its result can be stored.
    ///
    /// # Errors
    /// Fails where the disk has no room.
    pub fn reserve(mut self) -> io::Result<Self> {
        if !allocate(&self.temp.file)? {
            self.temp.has_filler = true;
            self.temp.file.write_all(&[b' '; RESERVE])?;
            to_disk(&self.temp.file)?; // some file systems look for room only now
        }
        self.replaced = self.place.hold();
        Ok(self)
    }

    pub(crate) fn is_linked(&self) -> bool {
        self.place.is_linked
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.place.path()
    }

    /// Gives the new version the permissions of another file, on Windows its access list, instead of
    /// those of a private file; where there is no such file it stays private.
    ///
    /// # Errors
    /// Fails where they cannot be read or set.
    pub fn with_permissions_of(self, other: &Path) -> io::Result<Self> {
        match copy_permissions(other, &self.temp.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(self),
        }
    }

    /// Writes the new version and puts it in place of the old one, so that it is there also after a
    /// loss of power.
    ///
    /// # Errors
    /// Fails where it cannot be written; the old file is whole then.
    pub fn write(self, data: &[u8]) -> io::Result<()> {
        let written = self.persist(data, to_disk)?;
        // Where a file system cannot, the file is there all the same.
        let _ = written.directory.sync();
        Ok(())
    }

    /// The same without waiting for the disk: for what can be had again, or where the old version is
    /// of no use any more.
    ///
    /// # Errors
    /// As [`Replacement::write`].
    pub fn write_unsynced(self, data: &[u8]) -> io::Result<Written> {
        self.persist(data, |_| Ok(()))
    }

    fn persist(self, data: &[u8], sync: fn(&File) -> io::Result<()>) -> io::Result<Written> {
        let Self { path, place, mut temp, replaced } = self;
        temp.fill(data)?;
        sync(&temp.file)?;
        match temp.name.rename(&place.name) {
            // Somebody cleaned up meanwhile, which must not cost what nobody hands out again.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let place = Place::make(&path, Links::Followed)?;
                temp = Temp::beside(&place)?;
                temp.fill(data)?;
                sync(&temp.file)?;
                temp.name.rename(&place.name)?;
            }
            result => result?,
        }
        let directory = temp.name.directory.clone();
        Ok(Written { file: temp.file, directory, _replaced: replaced })
    }

    /// As [`Replacement::write`], unless `is_unchanged` denies it, which is asked last. Tells
    /// whether it was written.
    ///
    /// # Errors
    /// As [`Replacement::write`], and where `is_unchanged` fails.
    pub fn write_if(
        self,
        data: &[u8],
        is_unchanged: impl FnOnce() -> io::Result<bool>,
    ) -> io::Result<bool> {
        let Self { place, mut temp, .. } = self;
        temp.fill(data)?;
        to_disk(&temp.file)?;
        let write = is_unchanged()?;
        if write {
            temp.name.rename(&place.name)?;
            let _ = place.directory.sync();
        }
        Ok(write)
    }
}

impl Written {
    /// Waits until the new version is on the disk.
    ///
    /// # Errors
    /// Fails where the disk does not take it.
    pub fn sync(&self) -> io::Result<()> {
        to_disk(&self.file)?;
        let _ = self.directory.sync(); // where a file system cannot, the file is there all the same
        Ok(())
    }
}

impl Temp {
    fn beside(place: &Place) -> io::Result<Self> {
        loop {
            let mut name = prefix(&place.name);
            name.push(MARK);
            name.push(format!("{:016x}.tmp", RandomState::new().build_hasher().finish()));
            match place.directory.create(&name) {
                Ok(file) => {
                    let name = TempName { directory: place.directory.clone(), name };
                    return Ok(Self { file, name, has_filler: false });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn fill(&mut self, data: &[u8]) -> io::Result<()> {
        self.file.rewind()?;
        self.file.write_all(data)?;
        // Not before: it would give back the room.
        if self.has_filler { self.file.set_len(data.len() as u64) } else { Ok(()) }
    }
}

impl TempName {
    fn rename(&mut self, name: &OsStr) -> io::Result<()> {
        self.directory.rename(&self.name, name)?;
        self.name.clear();
        Ok(())
    }
}

impl Drop for TempName {
    fn drop(&mut self) {
        if !self.name.is_empty() {
            let _ = self.directory.remove(&self.name); // what is left is found by its age
        }
    }
}

#[cfg(unix)]
fn copy_permissions(from: &Path, to: &File) -> io::Result<()> {
    to.set_permissions(std::fs::metadata(from)?.permissions())
}

#[cfg(windows)]
fn copy_permissions(from: &Path, to: &File) -> io::Result<()> {
    crate::access::copy(&crate::place::open_to_read(from)?, to)
}

/// Has the file system set blocks aside, which waits for no disk; tells whether it can. The file stays
/// empty: to shorten it later takes as long as a request on this machine.
#[cfg(target_os = "linux")]
fn allocate(file: &File) -> io::Result<bool> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize).current;
    if limit.is_some_and(|limit| limit < RESERVE as u64) {
        return Err(Errno::FBIG.into()); // which only a longer file would meet
    }
    match fallocate(file, FallocateFlags::KEEP_SIZE, 0, RESERVE as u64) {
        Ok(()) => Ok(true),
        Err(Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn allocate(_: &File) -> io::Result<bool> {
    Ok(false)
}

/// What the names of the temporary files of a file begin with: `.<stem>`.
fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(Path::new(name).file_stem().unwrap_or_default());
    prefix
}

/// Removes the temporary files that killed processes left: those of this file, whose lock the caller
/// holds, and old ones of any file.
fn remove_stale(place: &Place) {
    let own = prefix(&place.name);
    let own = format!("{}{MARK}", own.to_string_lossy());
    for name in place.directory.names().unwrap_or_default() {
        let Some(text) = name.to_str().filter(|text| is_temporary(text)) else { continue };
        if text.starts_with(&own) || is_old(&place.directory, &name) {
            let _ = place.directory.remove(&name); // another process may have been faster
        }
    }
}

fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(".tmp") && name.contains(MARK)
}

#[expect(clippy::disallowed_methods, reason = "compared with the file system's own clock")]
fn is_old(directory: &Directory, name: &OsStr) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    directory.modified(name).is_some_and(|modified| now.saturating_sub(modified) > STALE_AFTER)
}
