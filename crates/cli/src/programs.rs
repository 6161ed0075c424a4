//! Programs, as a shell finds them.

use std::path::{Path, PathBuf};

use is_executable::IsExecutable;
use shared_config::Environment;

use crate::exit::{Exit, Failure};

/// Returns the files that a command of this name could run, the one that it runs first.
pub(crate) fn on_path(environment: &Environment, name: &str) -> Vec<PathBuf> {
    let path = environment.get_os("PATH").unwrap_or_default();
    let mut found: Vec<PathBuf> = Vec::new();
    for directory in std::env::split_paths(path) {
        let names = [name.to_owned(), format!("{name}{}", std::env::consts::EXE_SUFFIX)];
        let file = names.iter().map(|name| directory.join(name)).find(|file| file.is_executable());
        // Two directories of the PATH may be one.
        let is_new = |file: &PathBuf| found.iter().all(|known| real(known) != real(file));
        if let Some(file) = file.filter(is_new) {
            found.push(file);
        }
    }
    found
}

/// Returns the path of this program: the one of the PATH, which an update leaves, or where it is.
pub(crate) fn own(environment: &Environment) -> Result<PathBuf, Failure> {
    let own = std::env::current_exe().map_err(|error| Failure::new(Exit::Other, error))?;
    let name = own.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let known = on_path(environment, &name).into_iter().next();
    Ok(known.filter(|known| real(known) == real(&own)).unwrap_or(own))
}

fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}
