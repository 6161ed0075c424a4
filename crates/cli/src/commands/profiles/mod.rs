//! `keyfob profiles`: lists them, and writes one for every role.

mod ls;
pub(crate) mod outcomes;
mod prune;
mod stored;
pub(crate) mod sync;

use crate::args::{Profiles, ProfilesWhat, Sync};
use crate::exit::Failure;

pub(crate) use sync::usual_name;

pub(crate) fn run(arguments: &Profiles) -> Result<(), Failure> {
    match &arguments.what {
        None => ls::run(&arguments.list),
        Some(ProfilesWhat::Diff(arguments)) => sync::run(arguments, true),
        Some(ProfilesWhat::Ls(arguments)) => ls::run(arguments),
        Some(ProfilesWhat::Prune(arguments)) => prune::run(arguments),
        Some(ProfilesWhat::Sync(arguments)) => sync::run(arguments, arguments.dry_run),
    }
}

/// Writes a profile for every role of a session, as `profiles sync` does.
pub(crate) fn sync(session: &str, region: Option<String>) -> Result<(), Failure> {
    let sso_session = Some(session.to_owned());
    let region = region.into_iter().collect();
    sync::run(&Sync { sso_session, region, ..Sync::default() }, false)
}
