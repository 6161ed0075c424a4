//! Whose directories and files are used, and what a person is told of it before a command writes
//! anything.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use private_file::{Refusal, is_open_to_others, refusal, stranger};

use crate::env::World;
use crate::ui::say;

/// Something about the directories that a person should know.
pub(crate) enum Problem {
    /// One is another user's, and nothing is written there.
    Refused(Refusal),
    /// Others can put files into it.
    OpenToOthers(PathBuf),
}

/// Tells whose directories are used, and which of them others can put files into.
pub(crate) fn tell() {
    let Ok(world) = World::capture() else { return }; // the command says why
    for problem in problems(&world) {
        say(&match problem {
            Problem::Refused(refusal) => {
                format!("warning: {refusal}: nothing is written there; {}", crate::exit::OWNERS)
            }
            Problem::OpenToOthers(path) => {
                let path = path.display();
                format!("warning: other users can put files into {path}; run `chmod go-w` on it")
            }
        });
    }
}

/// Looks whose the directories are.
pub(crate) fn problems(world: &World) -> Vec<Problem> {
    let (locations, caches) = (&world.locations, world.caches());
    let home = &locations.home;
    let directories = [caches.sso, caches.cli, caches.assumed_roles, caches.listings];
    let written =
        directories.iter().map(token_cache::Directory::path).chain(locations.config.parent());
    let refused = stranger(home).or_else(|| written.into_iter().find_map(refusal));
    let within_home = |path: &&Path| path.starts_with(home);
    let mut looked_at = BTreeSet::new();
    for directory in &directories {
        looked_at.insert(directory.path());
        looked_at.extend(directory.path().ancestors().filter(within_home));
    }
    let open = looked_at.into_iter().filter(|path| is_open_to_others(path));
    let open = open.map(|path| Problem::OpenToOthers(path.to_owned()));
    refused.map(Problem::Refused).into_iter().chain(open).collect()
}

/// Whether others than the owner can read a file.
#[cfg(unix)]
pub(crate) fn is_shared(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
pub(crate) fn is_shared(_: &Path) -> bool {
    false // files of a user profile inherit an access list of the user alone
}

/// Whether files can be made in a directory: the only way to know is to make one.
pub(crate) fn is_writable(directory: &Path) -> bool {
    tempfile::tempfile_in(directory).is_ok()
}
