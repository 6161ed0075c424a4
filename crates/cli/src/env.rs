//! The only reader of the process environment.

use std::path::{Path, PathBuf};

use is_executable::IsExecutable;
use providers::{Caches, Program};
use shared_config::{Environment, Files, Locations};

use crate::exit::{Exit, Failure};
use crate::ui;

/// What others know this program by.
pub(crate) const PROGRAM: Program = Program::named("keyfob");

/// What a command finds around it.
pub(crate) struct World {
    pub(crate) environment: Environment,
    pub(crate) locations: Locations,
}

impl World {
    /// Captures the environment of the process.
    pub(crate) fn capture() -> Result<Self, Failure> {
        Self::new(Self::capture_environment())
    }

    /// Captures the environment alone.
    #[expect(clippy::disallowed_methods, reason = "the one place where it is read")]
    pub(crate) fn capture_environment() -> Environment {
        let environment = Environment::new(std::env::vars_os());
        match environment.get_os("HOME") {
            Some(_) => environment,
            None => environment.with_account_home(std::env::home_dir()),
        }
    }

    /// Takes an environment as that of the process.
    pub(crate) fn new(environment: Environment) -> Result<Self, Failure> {
        let locations = Locations::from_env(&environment)?;
        Ok(Self { environment, locations })
    }

    /// Reads the configuration files.
    pub(crate) fn files(&self) -> Result<Files, Failure> {
        self.note_files();
        Ok(Files::load(&self.locations)?)
    }

    /// Notes that the configuration files are read.
    pub(crate) fn note_files(&self) {
        let Locations { config, credentials, .. } = &self.locations;
        ui::note(&format!("read {} and {}", config.display(), credentials.display()));
    }

    /// Returns the path of this program: the one of the PATH, which an update leaves, or where it is.
    pub(crate) fn own_program(&self) -> Result<PathBuf, Failure> {
        let own = std::env::current_exe().map_err(|error| Failure::new(Exit::Other, error))?;
        let name = own.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let known = self.programs(&name).into_iter().next();
        Ok(known.filter(|known| real(known) == real(&own)).unwrap_or(own))
    }

    /// Returns the files of the PATH that a command of this name could run, the one that it runs first.
    pub(crate) fn programs(&self, name: &str) -> Vec<PathBuf> {
        let path = self.environment.get_os("PATH").unwrap_or_default();
        let mut found: Vec<PathBuf> = Vec::new();
        for directory in std::env::split_paths(path) {
            let names = [name.to_owned(), format!("{name}{}", std::env::consts::EXE_SUFFIX)];
            let mut files = names.iter().map(|name| directory.join(name));
            // Two directories of the PATH may be one.
            let is_new = |file: &PathBuf| found.iter().all(|known| real(known) != real(file));
            found.extend(files.find(|file| file.is_executable()).filter(is_new));
        }
        found
    }

    /// Returns the directories that programs share credentials through.
    pub(crate) fn caches(&self) -> Caches {
        Caches::new(&self.locations, &self.environment, PROGRAM)
    }
}

impl From<shared_config::NotUnicode> for Failure {
    fn from(error: shared_config::NotUnicode) -> Self {
        Self::usage(error)
    }
}

fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}
