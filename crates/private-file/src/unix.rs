//! A name in a directory that is held open, so that nobody can put another one in its place.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use crate::Refusal;
use crate::owner::check_owner;

/// How many links a path may have, as on Linux.
const MAX_LINKS: u32 = 40;

/// How a directory is opened that is only passed through, which needs no permission to list it.
#[cfg(target_os = "linux")]
const PASS: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const PASS: OFlags = OFlags::RDONLY;

/// What becomes of a symbolic link in place of the file itself. Those in place of directories are
/// followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    Followed,
    Refused,
}

/// A file that lives as long as this, whatever becomes of its name.
pub(crate) type Held = OwnedFd;

/// A directory that is held open.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    fd: Arc<OwnedFd>,
    path: PathBuf,
}

/// A name in a directory, with what there is under it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) directory: Directory,
    pub(crate) name: OsString,
    pub(crate) is_linked: bool,
    found: Option<Stat>,
}

impl Place {
    /// Finds a place whose directory exists; every link on the way must be the user's own or root's.
    pub(crate) fn find(path: &Path, links: Links) -> io::Result<Self> {
        Self::walk(path, links, false)
    }

    /// Finds a place to write at, and makes the directories that are missing. What is there must be a
    /// regular file, and the user's own or root's, as its directory.
    pub(crate) fn make(path: &Path, links: Links) -> io::Result<Self> {
        let place = Self::walk(path, links, true)?.own_directory()?;
        let Some(found) = &place.found else { return Ok(place) };
        match FileType::from_raw_mode(found.st_mode) {
            FileType::RegularFile => check_owner(&place.path(), found.st_uid)?,
            FileType::Symlink => return Err(Refusal::Link(place.path()).into()),
            _ => return Err(Refusal::NotAFile(place.path()).into()),
        }
        Ok(place)
    }

    /// Finds a place to make a file at, whatever is there.
    pub(crate) fn make_anew(path: &Path) -> io::Result<Self> {
        Self::walk(path, Links::Refused, true)?.own_directory()
    }

    fn walk(path: &Path, links: Links, make: bool) -> io::Result<Self> {
        if let Some((directory, name)) = Directory::without_links(path) {
            let found = directory.look(&name)?;
            let kind = found.as_ref().map(|found| FileType::from_raw_mode(found.st_mode));
            if kind != Some(FileType::Symlink) || links == Links::Refused {
                return Ok(Self { directory, name, is_linked: false, found });
            }
        }
        // The present directory may be one that cannot be entered.
        let start = if path.is_absolute() { "/" } else { "." };
        let mut directory = Directory::pass(CWD, start.as_ref(), PathBuf::new())?;
        let mut ahead = Vec::new();
        push(&mut ahead, path);
        let mut is_linked = false;
        let mut followed = 0;
        while let Some(name) = ahead.pop() {
            let is_last = ahead.is_empty();
            let found = directory.look(&name)?;
            let kind = found.as_ref().map(|found| FileType::from_raw_mode(found.st_mode));
            match kind {
                Some(FileType::Symlink) if !is_last || links == Links::Followed => {
                    followed += 1;
                    if followed > MAX_LINKS {
                        return Err(io::Error::other("too many symbolic links"));
                    }
                    is_linked |= is_last;
                    push(&mut ahead, &directory.read_link(&name)?);
                }
                _ if is_last => return Ok(Self { directory, name, is_linked, found }),
                None if make => {
                    directory.check_owner()?;
                    match rustix::fs::mkdirat(&directory.fd, &name, Mode::RWXU) {
                        Ok(()) | Err(Errno::EXIST) => ahead.push(name),
                        Err(error) => return Err(error.into()),
                    }
                }
                _ => directory = directory.enter(&name)?,
            }
        }
        Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))
    }

    /// Refuses the directory of another user.
    pub(crate) fn own_directory(self) -> io::Result<Self> {
        self.directory.check_owner()?;
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
        self.open_as(OFlags::RDWR)
    }

    /// Opens the regular file for writing at its end.
    pub(crate) fn open_to_append(&self) -> io::Result<File> {
        self.open_as(OFlags::WRONLY | OFlags::APPEND)
    }

    /// Keeps what is there now from being freed.
    pub(crate) fn hold(&self) -> Option<Held> {
        let flags = PASS | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        rustix::fs::openat(&self.directory.fd, &self.name, flags, Mode::empty()).ok()
    }

    fn open_as(&self, flags: OFlags) -> io::Result<File> {
        // A pipe must not block, and a link that came meanwhile not be followed.
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.directory.fd, &self.name, flags, Mode::empty())?;
        let found = rustix::fs::fstat(&file)?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return Err(Refusal::NotAFile(self.path()).into());
        }
        check_owner(&self.path(), found.st_uid)?;
        Ok(File::from(file))
    }
}

impl Directory {
    /// Opens the directory of a path at once, where no link is on the way: the same as a walk, for an
    /// eighth of the system calls. `None` leaves everything else to the walk.
    #[cfg(target_os = "linux")]
    fn without_links(path: &Path) -> Option<(Self, OsString)> {
        use rustix::fs::{ResolveFlags, openat2};
        let (parent, name) = (path.parent()?, path.file_name()?);
        let is_plain = |part| matches!(part, Component::RootDir | Component::Normal(_));
        if !path.is_absolute() || !parent.components().all(is_plain) {
            return None;
        }
        let flags = PASS | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = openat2(CWD, parent, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS).ok()?;
        Some((Self { fd: Arc::new(fd), path: parent.to_owned() }, name.to_owned()))
    }

    #[cfg(not(target_os = "linux"))]
    fn without_links(_: &Path) -> Option<(Self, OsString)> {
        None
    }

    fn pass(at: impl std::os::fd::AsFd, name: &OsStr, path: PathBuf) -> io::Result<Self> {
        let flags = PASS | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = Arc::new(rustix::fs::openat(at, name, flags, Mode::empty())?);
        Ok(Self { fd, path })
    }

    fn enter(&self, name: &OsStr) -> io::Result<Self> {
        let path = if name == ".." && self.path.file_name().is_some() {
            self.path.parent().unwrap_or(&self.path).to_owned()
        } else {
            self.path.join(name)
        };
        Self::pass(&self.fd, name, path)
    }

    fn look(&self, name: &OsStr) -> io::Result<Option<Stat>> {
        match rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(Some(found)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a link, unless another user made it.
    fn read_link(&self, name: &OsStr) -> io::Result<PathBuf> {
        #[cfg(target_os = "linux")]
        let (owner, target) = {
            // The link itself is held, so that owner and target are of the same one.
            let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let link = rustix::fs::openat(&self.fd, name, flags, Mode::empty())?;
            let owner = rustix::fs::fstat(&link)?.st_uid;
            (owner, rustix::fs::readlinkat(&link, c"", Vec::new())?)
        };
        #[cfg(not(target_os = "linux"))]
        let (owner, target) = {
            let link = rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)?;
            (link.st_uid, rustix::fs::readlinkat(&self.fd, name, Vec::new())?)
        };
        check_owner(&self.path.join(name), owner)?;
        Ok(OsString::from_vec(target.into_bytes()).into())
    }

    fn check_owner(&self) -> io::Result<()> {
        let found = rustix::fs::fstat(&self.fd)?;
        let here = if self.path.as_os_str().is_empty() { Path::new(".") } else { &self.path };
        Ok(check_owner(here, found.st_uid)?)
    }

    /// Makes a file that only its owner can read.
    pub(crate) fn create(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        Ok(File::from(rustix::fs::openat(&self.fd, name, flags, mode)?))
    }

    /// Puts one file in the place of another.
    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.fd, from, &self.fd, to)?)
    }

    /// Removes a file or link; tells whether there was one.
    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<bool> {
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a file private that may have another mode.
    pub(crate) fn close_to_others(&self, name: &OsStr) -> io::Result<()> {
        let mode = Mode::RUSR | Mode::WUSR;
        Ok(rustix::fs::chmodat(&self.fd, name, mode, AtFlags::empty())?)
    }

    /// Returns the names in the directory.
    pub(crate) fn names(&self) -> io::Result<Vec<OsString>> {
        let names = Dir::new(self.open()?)?.filter_map(|entry| {
            Some(OsString::from_vec(entry.ok()?.file_name().to_owned().into_bytes()))
        });
        Ok(names.collect())
    }

    /// Returns when a file was changed, in seconds since the epoch.
    pub(crate) fn modified(&self, name: &OsStr) -> Option<u64> {
        u64::try_from(self.look(name).ok()??.st_mtime).ok()
    }

    /// Makes renames in the directory outlive a loss of power.
    pub(crate) fn sync(&self) -> io::Result<()> {
        to_disk(&File::from(self.open()?))
    }

    fn open(&self) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.fd, c".", flags, Mode::empty())?)
    }
}

/// Puts the names of a path on the stack of those that are ahead, the first one on top.
fn push(ahead: &mut Vec<OsString>, path: &Path) {
    let names = path.components().filter(|component| *component != Component::CurDir);
    let names: Vec<_> = names.map(|component| component.as_os_str().to_owned()).collect();
    ahead.extend(names.into_iter().rev());
}

/// Waits until the disk has taken what was written. On macOS that is more than `fsync`, and file systems
/// of a network know `fsync` alone.
pub(crate) fn to_disk(file: &File) -> io::Result<()> {
    match file.sync_all() {
        Err(error) if Errno::from_io_error(&error) == Some(Errno::NOTSUP) => {
            Ok(rustix::fs::fsync(file)?)
        }
        result => result,
    }
}

/// Opens whatever is there for reading.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // Opening a pipe would wait for whoever writes to it.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    File::options().read(true).custom_flags(flags).open(path)
}
