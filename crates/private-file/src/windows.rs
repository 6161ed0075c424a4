//! A name in a directory, on Windows.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use crate::{Refusal, access};

/// How many links a path may have.
const MAX_LINKS: u32 = 40;

/// What becomes of a symbolic link in place of the file itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    Followed,
    Refused,
}

/// Nothing: a file that is open could not be replaced.
pub(crate) type Held = std::convert::Infallible;

/// A directory.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    path: PathBuf,
}

/// A name in a directory.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) directory: Directory,
    pub(crate) name: OsString,
    pub(crate) is_linked: bool,
    found: Option<fs::FileType>,
}

impl Place {
    /// Finds a place.
    pub(crate) fn find(path: &Path, links: Links) -> io::Result<Self> {
        let mut path = path.to_owned();
        for followed in 0..MAX_LINKS {
            match fs::read_link(&path) {
                Ok(target) if links == Links::Followed => path = directory_of(&path).join(target),
                _ => {
                    let Some(name) = path.file_name().map(OsStr::to_owned) else { break };
                    let found = match fs::symlink_metadata(&path) {
                        Ok(found) => Some(found.file_type()),
                        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                        Err(error) => return Err(error),
                    };
                    let directory = Directory { path: directory_of(&path).to_owned() };
                    return Ok(Self { directory, name, is_linked: followed > 0, found });
                }
            }
        }
        Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))
    }

    /// Finds a place to write at, and makes the directories that are missing. What is there must be a
    /// regular file.
    pub(crate) fn make(path: &Path, links: Links) -> io::Result<Self> {
        let place = Self::find(path, links)?;
        make_private(&place.directory.path)?;
        match place.found {
            Some(found) if found.is_symlink() => Err(Refusal::Link(place.path()).into()),
            Some(found) if !found.is_file() => Err(Refusal::NotAFile(place.path()).into()),
            _ => Ok(place),
        }
    }

    /// Finds a place to make a file at, whatever is there.
    pub(crate) fn make_anew(path: &Path) -> io::Result<Self> {
        let place = Self::find(path, Links::Refused)?;
        make_private(&place.directory.path)?;
        Ok(place)
    }

    #[expect(clippy::unnecessary_wraps, reason = "owners are looked at elsewhere")]
    pub(crate) fn own_directory(self) -> io::Result<Self> {
        Ok(self)
    }

    pub(crate) fn exists(&self) -> bool {
        self.found.is_some()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path.join(&self.name)
    }

    /// Opens the regular file for reading and writing where it is.
    pub(crate) fn open(&self) -> io::Result<File> {
        self.open_as(OpenOptions::new().read(true).write(true))
    }

    /// Opens the regular file for writing at its end.
    pub(crate) fn open_to_append(&self) -> io::Result<File> {
        self.open_as(OpenOptions::new().append(true))
    }

    #[expect(clippy::unused_self, reason = "files are held elsewhere")]
    pub(crate) fn hold(&self) -> Option<Held> {
        None
    }

    fn open_as(&self, options: &OpenOptions) -> io::Result<File> {
        let file = patiently(|| options.open(self.path()))?;
        if !file.metadata()?.is_file() {
            return Err(Refusal::NotAFile(self.path()).into());
        }
        Ok(file)
    }
}

impl Directory {
    /// Makes a file of the user alone.
    pub(crate) fn create(&self, name: &OsStr) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).access_mode(access::READ_WRITE_AND_LIST);
        let file = options.open(self.path.join(name))?;
        access::close_file(&file)?;
        Ok(file)
    }

    /// Puts one file in the place of another.
    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        let (from_path, to_path) = (self.path.join(from), self.path.join(to));
        match patiently(|| fs::rename(&from_path, &to_path)) {
            Err(error) if is_in_use(&error) => {
                let mut aside = OsString::from(".old");
                aside.push(from); // a name of a temporary file, which is removed some day
                put_around(&from_path, &to_path, &self.path.join(aside)).map_err(|_| error)
            }
            result => result,
        }
    }

    /// Removes a file or link; tells whether there was one.
    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<bool> {
        match patiently(|| fs::remove_file(self.path.join(name))) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn close_to_others(&self, name: &OsStr) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.access_mode(access::READ_WRITE_AND_LIST);
        access::close_file(&options.open(self.path.join(name))?)
    }

    /// Returns the names in the directory.
    pub(crate) fn names(&self) -> io::Result<Vec<OsString>> {
        Ok(fs::read_dir(&self.path)?.filter_map(|entry| Some(entry.ok()?.file_name())).collect())
    }

    /// Returns when a file was changed, in seconds since the epoch.
    pub(crate) fn modified(&self, name: &OsStr) -> Option<u64> {
        let modified = fs::metadata(self.path.join(name)).ok()?.modified().ok()?;
        Some(modified.duration_since(UNIX_EPOCH).ok()?.as_secs())
    }

    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "renames are journaled")]
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until the disk has taken what was written.
pub(crate) fn to_disk(file: &File) -> io::Result<()> {
    file.sync_all()
}

/// Opens whatever is there for reading.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    patiently(|| File::open(path))
}

/// Makes a directory of the user alone, and those above it that are missing.
fn make_private(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        make_private(above)?;
    }
    match fs::create_dir(path) {
        Ok(()) => access::close_directory(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Tries again for a second: here nobody opens, replaces or removes a file while it is being
/// replaced, or while a program such as a virus scanner has it open for itself.
fn patiently<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    /// Milliseconds.
    const PAUSES: [u64; 8] = [1, 2, 5, 10, 50, 100, 300, 500];
    for pause in PAUSES {
        match attempt() {
            Err(error) if is_in_use(&error) => {
                std::thread::sleep(Duration::from_millis(pause));
            }
            result => return result,
        }
    }
    attempt()
}

fn is_in_use(error: &io::Error) -> bool {
    /// `ERROR_ACCESS_DENIED`, `ERROR_SHARING_VIOLATION`, `ERROR_LOCK_VIOLATION`.
    const IN_USE: [i32; 3] = [5, 32, 33];
    error.raw_os_error().is_some_and(|code| IN_USE.contains(&code))
}

/// Puts a file in the place of one that somebody has open for long. File systems that cannot replace
/// that can give it another name; for a moment there is none.
fn put_around(from: &Path, to: &Path, aside: &Path) -> io::Result<()> {
    fs::rename(to, aside)?;
    if let Err(error) = fs::rename(from, to) {
        let _ = fs::rename(aside, to); // nobody else has it, and it is whole where it is
        return Err(error);
    }
    let _ = fs::remove_file(aside); // it goes when it is closed, or as an old temporary file
    Ok(())
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}
