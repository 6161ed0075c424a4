//! The only reader of the process environment.

use providers::{Caches, Program};
use shared_config::{Environment, Files, Locations};

use crate::exit::Failure;
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
