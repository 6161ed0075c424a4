//! What `--fix` does: only what no other program can miss.

use std::io;
use std::path::PathBuf;

use token_cache::CacheFile;

use super::caches;

/// A change to the files of this person that takes nothing from anybody.
#[derive(Debug)]
pub(super) enum Mend {
    /// Takes from others than the owner all rights to a file.
    KeepPrivate(PathBuf),
    /// Takes from others than the owner the right to put files into a directory.
    KeepOthersOut(PathBuf),
    /// Gives a file that nobody can read another name.
    SetAside(CacheFile),
}

impl Mend {
    pub(super) fn apply(&self) -> io::Result<()> {
        match self {
            Self::KeepPrivate(path) => take_rights(path, 0o077),
            Self::KeepOthersOut(path) => take_rights(path, 0o022),
            // Its program may have written the other half meanwhile.
            Self::SetAside(file) => match caches::defect(file)? {
                Some(_) => file.set_aside().map(drop),
                None => Ok(()),
            },
        }
    }
}

#[cfg(unix)]
fn take_rights(path: &std::path::Path, rights: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = std::fs::metadata(path)?.permissions();
    permissions.set_mode(permissions.mode() & !rights & 0o7777);
    std::fs::set_permissions(path, permissions)
}

#[cfg(not(unix))]
fn take_rights(_: &std::path::Path, _: u32) -> io::Result<()> {
    Ok(()) // files of a user profile inherit an access list of the user alone
}
