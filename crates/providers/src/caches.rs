use std::path::Path;

use shared_config::{Environment, Locations};
use token_cache::{CacheFile, Directory};

use crate::{Program, Session};

/// The directories that programs share credentials through.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Caches {
    /// SSO tokens, of all SDKs.
    pub sso: Directory,
    /// The credentials of SSO roles, of the AWS CLI.
    pub cli: Directory,
    /// The credentials of roles that were assumed, of this program alone.
    pub assumed_roles: Directory,
    /// The accounts and roles of sessions, of this program alone.
    pub listings: Directory,
}

impl Caches {
    /// Takes the directories where all tools have them, and two of the program in the user's cache
    /// directory: `XDG_CACHE_HOME`, on Windows `LOCALAPPDATA`; else `~/.cache`, on macOS
    /// `~/Library/Caches`.
    pub fn new(locations: &Locations, environment: &Environment, program: Program) -> Self {
        let variable = if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_CACHE_HOME" };
        let cache = environment.get_os(variable).map(Path::new).filter(|path| path.is_absolute());
        let usual = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
        let cache = cache.map_or_else(|| locations.home.join(usual), Path::to_owned);
        // Nobody but the program writes there, and it writes nothing for another user.
        let own = |name| Directory::new(cache.join(program.name()).join(name)).with_own_files();
        Self {
            sso: Directory::new(&locations.sso_cache),
            cli: Directory::new(&locations.cli_cache),
            assumed_roles: own("assumed-roles"),
            listings: own("listings"),
        }
    }

    /// Returns the file beside the listing of a session that holds the one before.
    pub fn former_listing(&self, session: &Session) -> CacheFile {
        self.listings.file(&session.cache_key()).beside("former.json")
    }

    /// Keeps all of them below one directory, apart from those of other tools: for tests, and for
    /// programs that share with nobody.
    pub fn below(directory: impl AsRef<Path>) -> Self {
        let own = |name| Directory::new(directory.as_ref().join(name));
        Self {
            sso: own("sso"),
            cli: own("cli"),
            assumed_roles: own("assumed-roles"),
            listings: own("listings"),
        }
    }
}
