//! Whose files are written.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use crate::place::{Links, Place};

/// Something is not written, because it could be another user's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It belongs neither to the user who runs the program nor to root.
    #[error("{} belongs to uid {owner}, and this runs as uid {user}", path.display())]
    #[non_exhaustive]
    Stranger {
        /// The directory, link or file.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// The user who runs the program.
        user: u32,
    },
    /// It is a symbolic link where none is followed.
    #[error("{} is a symbolic link", .0.display())]
    Link(PathBuf),
    /// It is a directory, a pipe or a device.
    #[error("{} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// A symbolic link leads to it, and it holds something else than a file of this kind.
    #[error("a link leads to {}, which holds something else", .0.display())]
    OtherContent(PathBuf),
    /// It has a second name elsewhere, whose content would change with it.
    #[error("{} is a hard link", .0.display())]
    HardLink(PathBuf),
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(io::ErrorKind::PermissionDenied, refusal)
    }
}

/// Returns why no file would be made or replaced in a directory, which need not exist.
pub fn refusal(directory: &Path) -> Option<Refusal> {
    let existing = directory.ancestors().find(|path| path.is_dir())?;
    let error = Place::find(&existing.join("x"), Links::Refused).and_then(Place::own_directory);
    error.err()?.downcast().ok()
}

/// Returns whose a file or directory is, unless it is the user's who runs the program, or root's.
pub fn stranger(path: &Path) -> Option<Refusal> {
    foreign_owner(path, &std::fs::metadata(path).ok()?)
}

/// Whether others than the owner can make and replace files in a directory.
pub fn is_open_to_others(directory: &Path) -> bool {
    std::fs::metadata(directory).is_ok_and(|found| found.is_dir() && others_write(&found))
}

#[cfg(unix)]
pub(crate) fn check_owner(path: &Path, owner: u32) -> Result<(), Refusal> {
    let user = rustix::process::geteuid().as_raw();
    if owner == user || owner == 0 {
        return Ok(());
    }
    Err(Refusal::Stranger { path: path.to_owned(), owner, user })
}

#[cfg(unix)]
pub(crate) fn foreign_owner(path: &Path, found: &Metadata) -> Option<Refusal> {
    check_owner(path, std::os::unix::fs::MetadataExt::uid(found)).err()
}

#[cfg(not(unix))]
pub(crate) fn foreign_owner(_: &Path, _: &Metadata) -> Option<Refusal> {
    None // directories of a user profile inherit an access list of the user alone
}

#[cfg(unix)]
fn others_write(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    // Many systems give each user a group of the same number, which has no other member.
    let is_own_group = found.gid() != 0 && found.gid() == found.uid();
    let mask = if is_own_group { 0o002 } else { 0o022 };
    found.mode() & mask != 0
}

#[cfg(not(unix))]
fn others_write(_: &Metadata) -> bool {
    false
}
