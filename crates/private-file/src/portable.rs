//! A name in a directory, on systems whose access lists are inherited.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::Refusal;

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
        fs::create_dir_all(&place.directory.path)?;
        match place.found {
            Some(found) if found.is_symlink() => Err(Refusal::Link(place.path()).into()),
            Some(found) if !found.is_file() => Err(Refusal::NotAFile(place.path()).into()),
            _ => Ok(place),
        }
    }

    /// Finds a place to make a file at, whatever is there.
    pub(crate) fn make_anew(path: &Path) -> io::Result<Self> {
        let place = Self::find(path, Links::Refused)?;
        fs::create_dir_all(&place.directory.path)?;
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
        let file = options.open(self.path())?;
        if !file.metadata()?.is_file() {
            return Err(Refusal::NotAFile(self.path()).into());
        }
        Ok(file)
    }
}

impl Directory {
    /// Makes a file.
    pub(crate) fn create(&self, name: &OsStr) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).open(self.path.join(name))
    }

    /// Puts one file in the place of another.
    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    /// Removes a file or link; tells whether there was one.
    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<bool> {
        match fs::remove_file(self.path.join(name)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "modes exist elsewhere")]
    pub(crate) fn close_to_others(&self, _: &OsStr) -> io::Result<()> {
        Ok(())
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

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}
