//! The only reader of the process environment and of the wall clock.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use providers::{Caches, Clock, Sleep, Work};
use shared_config::{Environment, Files, Locations};
use token_cache::Directory;
use wire::Timestamp;

use crate::exit::Failure;

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
        Ok(Files::load(&self.locations)?)
    }

    /// Returns the directories that programs share credentials through.
    pub(crate) fn caches(&self) -> Caches {
        Caches::new(&self.locations, &self.environment)
    }

    /// Returns the directory of SSO tokens.
    pub(crate) fn sso_cache(&self) -> Directory {
        Directory::new(&self.locations.sso_cache)
    }

    /// Returns the directory of role credentials.
    pub(crate) fn cli_cache(&self) -> Directory {
        Directory::new(&self.locations.cli_cache)
    }
}

impl From<shared_config::NotUnicode> for Failure {
    fn from(error: shared_config::NotUnicode) -> Self {
        Self::usage(error)
    }
}

/// The wall clock, the monotonic one, and the timers of tokio.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_epoch = self.machine_time();
        Timestamp::from_unix(i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX))
    }

    fn elapsed(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(start);
        START.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where it is read")]
    fn machine_time(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    fn sleep(&self, span: Duration) -> Sleep<'_> {
        Box::pin(tokio::time::sleep(span))
    }

    fn spawn(&self, work: Work) {
        tokio::spawn(work);
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where it is read")]
fn start() -> Instant {
    Instant::now()
}
